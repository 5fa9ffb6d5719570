import { expect, test } from 'vitest'
import { parseYamlInventory } from './parse-yaml.ts'
import { vaulted } from './unread.ts'

const inventory = `
all:
  vars:
    team: core
  hosts:
    mail.example.com:
  children:
    web:
      hosts:
        web[1:2].example.com:
          tags: [eu]
        10.0.0.9:2222:
      vars: { application: payments }
    production:
      children: { web: }
production:
  vars:
    environment: production
    password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      6132
`

test('reads groups, hosts, variables and children, in as many places as they stand', () => {
  const { groups, hosts } = parseYamlInventory(inventory)

  expect([...groups].map(([name, group]) => [name, [...group.hosts], [...group.children]])).toEqual([
    ['all', ['mail.example.com'], ['web', 'production']],
    ['ungrouped', [], []],
    ['web', ['web1.example.com', 'web2.example.com', '10.0.0.9'], []],
    ['production', [], ['web']],
  ])
  expect(Object.fromEntries(groups.get('web')!.variables)).toEqual({ application: 'payments' })
  expect(Object.fromEntries(groups.get('production')!.variables)).toEqual({
    environment: 'production',
    password: vaulted,
  })
  expect([...hosts].map(([name, variables]) => [name, Object.fromEntries(variables)])).toEqual([
    ['mail.example.com', {}],
    ['web1.example.com', { tags: ['eu'] }],
    ['web2.example.com', { tags: ['eu'] }],
    ['10.0.0.9', { ansible_port: 2222 }],
  ])
})

test.each([
  ['plugin: google.cloud.gcp_compute\nprojects: [x]', 'use the inventory `kind: command` with ansible-inventory'],
  ['- web1\n- web2', 'it is not an Ansible inventory'],
  ['web: [web1]', 'it is not an Ansible inventory'],
  ['web:\n  host:\n    web1:', 'the group web has the key "host"'],
  ['web: { hosts: { 10: } }', 'hosts of the group web has the key 10, which is no text'],
  ['web: { hosts: { web1: !unknown x } }', 'it is not valid YAML at line 1, column 23 (TAG_RESOLVE_FAILED)'],
  ['web: { hosts: { web1: { a: 1 }, web1: { b: 2 } } }', 'DUPLICATE_KEY'],
  ['web: { hosts: { "web[3:1]": } }', '[3:1] in web[3:1] is not a range'],
])('refuses %j', (text, words) => {
  expect(() => parseYamlInventory(text)).toThrow(words)
})

test('says where the YAML is wrong, and not what stands there', () => {
  const text = 'all:\n  vars: { ansible_password: hunter2, ]\n'

  expect(() => parseYamlInventory(text)).toThrow(/^it is not valid YAML at line 2, column \d+ \([A-Z_]+\)$/)
})
