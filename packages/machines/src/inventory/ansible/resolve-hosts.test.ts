import { expect, test } from 'vitest'
import { parseIniInventory } from './parse-ini.ts'
import { resolveHosts } from './resolve-hosts.ts'

const resolve = (text: string) =>
  resolveHosts(parseIniInventory(text)).map((host) => ({ ...host, variables: Object.fromEntries(host.variables) }))

test('a host is in the groups of its groups', () => {
  const hosts = resolve('[web]\nweb1\n[frontend:children]\nweb\n[production:children]\nfrontend\n[eu]\nweb1')

  expect(hosts).toEqual([{ name: 'web1', groups: ['eu', 'production', 'frontend', 'web'], variables: {} }])
})

test('a host outside of all groups is in none', () => {
  expect(resolve('mail')).toEqual([{ name: 'mail', groups: [], variables: {} }])
})

test('the nearest variable holds: of the host, of the deepest group, of the last by name, of all', () => {
  const [host] = resolve(`
[web]
web1 a=host
[web:vars]
a=web
b=web
[parent:children]
web
[parent:vars]
b=parent
c=parent
[another]
web1
[another:vars]
c=another
d=another
[all:vars]
a=all
e=all
[zeta]
web1
[zeta:vars]
d=zeta
`)

  expect(host?.variables).toEqual({ a: 'host', b: 'web', c: 'parent', d: 'zeta', e: 'all' })
})

test('a group that is its own ancestor is refused', () => {
  expect(() => resolve('[a:children]\nb\n[b:children]\nc\n[c:children]\na')).toThrow(
    'the group a is its own ancestor: a > b > c > a',
  )
})
