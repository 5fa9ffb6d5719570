import { expect, test } from 'vitest'
import { parseIniInventory } from './parse-ini.ts'

const inventory = `
# a comment
mail.example.com
; another

[web]
web[01:02] ansible_host=10.0.0.1 tags="eu west"   # with a comment
10.0.0.9:2222 host_keys='ssh-ed25519 AAAA#b'

[web:vars]
application = payments
greeting="hello world"

[production:children]
web
`

test('reads groups, hosts, variables and children', () => {
  const { groups, hosts } = parseIniInventory(inventory)

  expect([...groups].map(([name, group]) => [name, [...group.hosts], [...group.children]])).toEqual([
    ['all', [], []],
    ['ungrouped', ['mail.example.com'], []],
    ['web', ['web01', 'web02', '10.0.0.9'], []],
    ['production', [], ['web']],
  ])
  expect(Object.fromEntries(groups.get('web')!.variables)).toEqual({ application: 'payments', greeting: 'hello world' })
  expect([...hosts].map(([name, variables]) => [name, Object.fromEntries(variables)])).toEqual([
    ['mail.example.com', {}],
    ['web01', { ansible_host: '10.0.0.1', tags: 'eu west' }],
    ['web02', { ansible_host: '10.0.0.1', tags: 'eu west' }],
    ['10.0.0.9', { ansible_port: 2222, host_keys: 'ssh-ed25519 AAAA#b' }],
  ])
})

test.each([
  [
    '[production:children]\nwebservers\n[web_servers]\nweb1',
    'line 2: [production:children] names the group webservers',
  ],
  ['[web]\nweb1\n[webs:vars]\na=1', 'line 3: [webs:vars] names the group webs, which is not declared'],
])('refuses a group that is nowhere declared, as Ansible does: %j', (text, words) => {
  expect(() => parseIniInventory(text)).toThrow(words)
})

test.each([
  ['[web', 'line 1: [web has a bracket that is not a range'],
  ['[web server]', 'line 1: a section is'],
  ['\n[web:hostnames]', 'line 2: a section is'],
  ['web1 secret', 'line 1: a variable is name=value'],
  ['[web:vars]\nsecret', 'line 2: a variable is name=value'],
  ['[web:children]\ndb port=1', 'line 2: a child is the name of a group alone'],
  ['web1 password="secret', 'line 1: a quote is not closed'],
  ['web[1:x]', 'line 1: [1:x] in web[1:x] is not a range'],
])('refuses %j', (text, words) => {
  expect(() => parseIniInventory(text)).toThrow(words)
  expect(() => parseIniInventory(text)).not.toThrow(/secret/)
})
