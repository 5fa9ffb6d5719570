import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { findKnownKeys, parseKnownHosts } from './known-hosts.ts'
import { hostKeyBlob } from '@vesemir/testing/host-key-blob'

const ed25519 = `ssh-ed25519 ${hostKeyBlob('ssh-ed25519', 'a')}`
const rsa = `ssh-rsa ${hostKeyBlob('ssh-rsa', 'b')}`
const host = { names: ['web1', '10.0.0.1'], port: 22 }

const find = (text: string, of = host) => findKnownKeys(parseKnownHosts(text), of)

function hashed(name: string): string {
  const salt = Buffer.from('12345678901234567890')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('findKnownKeys', () => {
  test.each([
    ['a name', `web1 ${ed25519} a comment`],
    ['an address', `10.0.0.1 ${ed25519}`],
    ['one of several names', `other,WEB1,10.9.9.9 ${ed25519}`],
    ['a wildcard', `web? ${ed25519}`],
    ['a hashed name', `${hashed('web1')} ${ed25519}`],
    ['a hashed address', `${hashed('10.0.0.1')} ${ed25519}`],
  ])('finds a machine by %s', (_, line) => {
    expect(find(`# comment\n\n${line}\r\nother ${rsa}\n`).keys).toEqual([ed25519])
  })

  test('finds a machine at another port by [name]:port alone', () => {
    const at2222 = { ...host, port: 2222 }

    expect(find(`web1 ${rsa}\n[web1]:2222 ${ed25519}`, at2222).keys).toEqual([ed25519])
    expect(find(`${hashed('[10.0.0.1]:2222')} ${ed25519}`, at2222).keys).toEqual([ed25519])
    expect(find(`[web1]:2222 ${ed25519}`).keys).toEqual([])
  })

  test.each([
    ['of other machines', `web10 ${ed25519}\nxweb1 ${ed25519}\n${hashed('web2')} ${ed25519}`],
    ['that a negated name excludes', `web*,!web1 ${ed25519}`],
    ['of a certificate authority', `@cert-authority * ${ed25519}`],
    ['whose type is not the one inside', `web1 ssh-rsa ${ed25519.split(' ')[1]}`],
    ['that are not base64', 'web1 ssh-ed25519 ERROR'],
    ['that are missing', 'web1 ssh-ed25519\nweb1'],
  ])('passes over keys %s', (_, text) => {
    expect(find(text).keys).toEqual([])
  })

  test('tells the keys of authorities, and those that are revoked', () => {
    expect(find(`@revoked * ${rsa}\n@cert-authority web* ${ed25519}\n@cert-authority db* ${rsa}`)).toEqual({
      keys: [],
      authorities: [ed25519],
      revoked: [rsa],
    })
  })
})
