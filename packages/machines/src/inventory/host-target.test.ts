import { describe, expect, test } from 'vitest'
import { toFound, type DescribedHost } from './host-target.ts'
import { parseKnownHosts } from '../remote-shell/ssh/known-hosts.ts'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'

const keyOf = (seed: string) => `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', seed)}`
const key = keyOf('web1')
const usual = { name: 'web1', address: '10.0.0.1', port: null, user: undefined, zone: undefined, hostKeys: [key] }
const labels = { source: 'Chef', address: 'ipaddress', port: 'ssh.port', user: 'ssh.user', hostKeys: 'Chef (keys.ssh)' }

const targets = (hosts: Partial<DescribedHost>[], knownHosts = '') => foundOf(hosts, knownHosts).hosts

const foundOf = (hosts: Partial<DescribedHost>[], knownHosts = '') =>
  toFound(
    hosts.map((host) => ({ ...usual, ...host })),
    { labels, ssh: { user: 'deploy', port: 22 }, knownHosts: parseKnownHosts(knownHosts) },
  )

describe('toFound', () => {
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
    [{ address: '169.254.1.1' }, 'HOST_UNUSABLE', 'ipaddress is 169.254.1.1, which is link-local'],
    [{ address: 'fe80::1%eth0' }, 'HOST_UNUSABLE', 'ipaddress is fe80::1%eth0, which is link-local'],
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

  test.each([
    ['one address', '10.0.0.1', '10.0.0.1'],
    ['one name in another case', 'web1.example', 'WEB1.example.'],
    ['one IPv6 address in two forms', '2001:db8::1', '2001:DB8:0:0:0:0:0:1'],
    ['an IPv4 address, once mapped', '10.0.0.1', '::ffff:10.0.0.1'],
  ])('refuses two hosts of one machine, by name: %s', (_, address, same) => {
    const twins = [{}, { name: 'old-web1', address: same, port: 22 }, { name: 'web2', address: '10.0.0.2' }]

    expect(() => targets(twins.map((twin, index) => (index === 0 ? { address } : twin)))).toThrow(
      expect.objectContaining({
        code: 'HOST_DUPLICATE',
        message: expect.stringMatching(/^Chef has one machine under several names: web1 and old-web1 \(.* port 22\)$/),
        details: { hosts: ['web1', 'old-web1'] },
      }),
    )
  })

  test('takes two ports of one address for two machines, and warns when they have one host key', () => {
    const other = { name: 'web2', port: 2222 }

    expect(foundOf([{}, { ...other, hostKeys: [keyOf('web2')] }])).toMatchObject({
      hosts: [{ name: 'web1' }, { name: 'web2' }],
      warnings: [],
    })
    expect(foundOf([{}, other]).warnings).toEqual([
      'web1, web2 have the same SSH host key: are they one machine, or copies of one image?',
    ])
  })
})
