import { describe, expect, test } from 'vitest'
import { toHostTargets, type DescribedHost } from './host-target.ts'
import { parseKnownHosts } from '../remote-shell/ssh/known-hosts.ts'
import { hostKeyBlob } from '../remote-shell/ssh/testing/host-key-blob.ts'

const keyOf = (seed: string) => `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', seed)}`
const key = keyOf('web1')
const usual = { name: 'web1', address: '10.0.0.1', port: null, user: undefined, zone: undefined, hostKeys: [key] }
const labels = { source: 'Chef', address: 'ipaddress', port: 'ssh.port', user: 'ssh.user', hostKeys: 'Chef (keys.ssh)' }

const targets = (hosts: Partial<DescribedHost>[], knownHosts = '') =>
  toHostTargets(
    hosts.map((host) => ({ ...usual, ...host })),
    { labels, ssh: { user: 'deploy', port: 22 }, knownHosts: parseKnownHosts(knownHosts) },
  )

describe('toHostTargets', () => {
  test('reaches a host at its address, as the worker does where its description says nothing', () => {
    expect(targets([{}])).toEqual([{ name: 'web1', address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [key] }])
  })

  test.each([
    ['a number', 2222],
    ['text', '2222'],
  ])('takes port (%s) and user from the host', (_, port) => {
    expect(targets([{ port, user: 'chef' }])).toMatchObject([{ port: 2222, user: 'chef' }])
  })

  test.each([
    ['europe-west1-b', 'europe-west1-b'],
    ['projects/1234/zones/europe-west1-b', 'europe-west1-b'],
  ])('takes the zone from %s', (zone, expected) => {
    expect(targets([{ zone }])).toMatchObject([{ zone: expected }])
  })

  test.each([null, 7, '', 'ERROR: no zone', 'zones/'])('knows of no zone in %j', (zone) => {
    expect(targets([{ zone }])[0]).not.toHaveProperty('zone')
  })

  test('adds the keys of known_hosts, each once, but for revoked ones', () => {
    const other = keyOf('other')

    expect(targets([{}], `web1 ${other}\n10.0.0.1 ${key}`)).toMatchObject([{ hostKeys: [key, other] }])
    expect(targets([{}], `web1 ${other}\n@revoked * ${key}`)).toMatchObject([{ hostKeys: [other] }])
    expect(targets([{ hostKeys: [] }], `web1 ${other}`)).toMatchObject([{ hostKeys: [other] }])
  })

  test('passes on authorities of known_hosts, with what is revoked, since a certificate could vouch for that too', () => {
    const [ca, revoked] = [keyOf('ca'), keyOf('revoked')]

    expect(targets([{}], `@cert-authority web* ${ca}\n@revoked * ${revoked}`)).toMatchObject([
      { hostKeys: [key, `@cert-authority ${ca}`, `@revoked ${revoked}`] },
    ])
    expect(targets([{}], `@cert-authority web* ${ca}\n@revoked * ${ca}`)).toMatchObject([{ hostKeys: [key] }])
  })

  test.each([
    [{ hostKeys: [] }, 'HOST_KEY_MISSING', 'web1 has no SSH host key'],
    [{ address: null }, 'HOST_UNUSABLE', '"web1" cannot be used as Chef knows it: ipaddress is null'],
    [{ address: 'ERROR: no such attribute' }, 'HOST_UNUSABLE', '"ERROR: no such attribute", not an address'],
    [{ address: '-oProxyCommand=x' }, 'HOST_UNUSABLE', 'not an address'],
    [{ port: 70_000 }, 'HOST_UNUSABLE', 'ssh.port is 70000, not a port'],
    [{ port: 'ERROR' }, 'HOST_UNUSABLE', 'ssh.port is "ERROR", not a port'],
    [{ port: [22] }, 'HOST_UNUSABLE', 'ssh.port is [22], not a port'],
    [{ user: 'a; rm -rf' }, 'HOST_UNUSABLE', 'ssh.user is "a; rm -rf"'],
    [{ name: 'a/../b' }, 'HOST_UNUSABLE', '"a/../b" cannot be used'],
  ])('refuses a host with %j: %s', (host, code, message) => {
    expect(() => targets([host])).toThrow(expect.objectContaining({ code }))
    expect(() => targets([host])).toThrow(message)
  })

  test('names every host that cannot be used, and counts those beyond five', () => {
    const hosts = Array.from({ length: 7 }, (_, index) => ({ name: `web${index}`, hostKeys: [] }))

    expect(() => targets(hosts)).toThrow(/web0 has no .*web4 has no .*; and 2 more$/)
    expect(() => targets([{ name: 'good' }, ...hosts])).toThrow(
      expect.objectContaining({ details: { hosts: hosts.map(({ name }) => name) } }),
    )
  })
})
