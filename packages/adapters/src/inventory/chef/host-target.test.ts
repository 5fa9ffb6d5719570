import { describe, expect, test } from 'vitest'
import { toHostTargets } from './host-target.ts'
import { parseKnownHosts } from './known-hosts.ts'
import { readNode } from './node.ts'
import { ChefOptions } from './options.ts'
import type { SearchRow } from './search.ts'
import { hostKeyBlob } from './testing/a-node.ts'

const { attributes } = ChefOptions.parse({ kind: 'chef', attributes: { sshPort: 'ssh.port', sshUser: 'ssh.user' } })
const blob = hostKeyBlob('ssh-ed25519', 'web1')

const targets = (rows: SearchRow[], knownHosts = '') =>
  toHostTargets(
    rows.map((row) => readNode({ name: 'web1', address: '10.0.0.1', ed25519: blob, ...row })),
    { attributes, ssh: { user: 'deploy', port: 22 }, knownHosts: parseKnownHosts(knownHosts) },
  )

describe('toHostTargets', () => {
  test('reaches a node at its address, as the worker does where the node says nothing', () => {
    expect(targets([{}])).toEqual([
      { name: 'web1', address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [`ssh-ed25519 ${blob}`] },
    ])
  })

  test.each([
    ['a number', 2222],
    ['text', '2222'],
  ])('takes port (%s) and user from the node', (_, sshPort) => {
    expect(targets([{ sshPort, sshUser: 'chef' }])).toMatchObject([{ port: 2222, user: 'chef' }])
  })

  test('accepts every kind of host key and leaves out what is not of its kind', () => {
    const ecdsa = hostKeyBlob('ecdsa-sha2-nistp256', 'e')
    const rsa = hostKeyBlob('ssh-rsa', 'r')

    const [all] = targets([{ ecdsa, rsa }])
    const [some] = targets([{ ecdsa: rsa, rsa: 'ERROR: no keys' }])

    expect(all?.hostKeys).toEqual([`ssh-ed25519 ${blob}`, `ecdsa-sha2-nistp256 ${ecdsa}`, `ssh-rsa ${rsa}`])
    expect(some?.hostKeys).toEqual([`ssh-ed25519 ${blob}`])
  })

  test('adds the keys of known_hosts, each once, but for revoked ones', () => {
    const other = `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', 'other')}`

    expect(targets([{}], `web1 ${other}\n10.0.0.1 ssh-ed25519 ${blob}`)).toMatchObject([
      { hostKeys: [`ssh-ed25519 ${blob}`, other] },
    ])
    expect(targets([{}], `web1 ${other}\n@revoked * ssh-ed25519 ${blob}`)).toMatchObject([{ hostKeys: [other] }])
    expect(targets([{ ed25519: null }], `web1 ${other}`)).toMatchObject([{ hostKeys: [other] }])
  })

  test.each([
    [{ ed25519: null }, 'HOST_KEY_MISSING', 'web1 has no SSH host key'],
    [{ address: null }, 'INVENTORY_ANSWER_INVALID', '"web1" cannot be used as Chef knows it: ipaddress is null'],
    [{ address: 'ERROR: no such attribute' }, 'INVENTORY_ANSWER_INVALID', '"ERROR: no such attribute", not an address'],
    [{ address: '-oProxyCommand=x' }, 'INVENTORY_ANSWER_INVALID', 'not an address'],
    [{ sshPort: 70_000 }, 'INVENTORY_ANSWER_INVALID', 'ssh.port is 70000, not a port'],
    [{ sshPort: 'ERROR' }, 'INVENTORY_ANSWER_INVALID', 'ssh.port is "ERROR", not a port'],
    [{ sshPort: [22] }, 'INVENTORY_ANSWER_INVALID', 'ssh.port is [22], not a port'],
    [{ sshUser: 'a; rm -rf' }, 'INVENTORY_ANSWER_INVALID', 'ssh.user is "a; rm -rf"'],
    [{ name: 'a/../b' }, 'INVENTORY_ANSWER_INVALID', '"a/../b" cannot be used'],
  ])('refuses a node with %j: %s', (row, code, message) => {
    expect(() => targets([row])).toThrow(expect.objectContaining({ code }))
    expect(() => targets([row])).toThrow(message)
  })

  test('names every node that cannot be used, and counts those beyond five', () => {
    const rows = Array.from({ length: 7 }, (_, index) => ({ name: `web${index}`, ed25519: null }))

    expect(() => targets(rows)).toThrow(/web0 has no .*web4 has no .*; and 2 more$/)
    expect(() => targets([{ name: 'good' }, ...rows])).toThrow(
      expect.objectContaining({ details: { hosts: rows.map(({ name }) => name) } }),
    )
  })
})
