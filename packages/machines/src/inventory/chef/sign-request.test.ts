import { constants, createHash, generateKeyPairSync, publicDecrypt, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalRequest, signRequest, type SigningProtocol } from './sign-request.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const parts = {
  method: 'POST',
  path: '/organizations/shop/search/node',
  body: '{"name":["name"]}',
  timestamp: '2026-11-24T14:15:51Z',
  clientName: 'vesemir',
}

const sha1 = (text: string) => createHash('sha1').update(text).digest('base64')
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')

function signatureIn(headers: Record<string, string>): Buffer {
  const lines = Object.entries(headers).filter(([name]) => name.startsWith('X-Ops-Authorization-'))
  expect(lines.map(([name]) => name)).toEqual(lines.map((_, index) => `X-Ops-Authorization-${index + 1}`))
  expect(lines.slice(0, -1).every(([, line]) => line.length === 60)).toBe(true)
  return Buffer.from(lines.map(([, line]) => line).join(''), 'base64')
}

const signed = (protocol: SigningProtocol) => signRequest(parts, { key: privateKey, protocol })

describe('signRequest', () => {
  test('signs the 1.3 text with SHA-256', () => {
    const text = [
      'Method:POST',
      'Path:/organizations/shop/search/node',
      `X-Ops-Content-Hash:${sha256('{"name":["name"]}')}`,
      'X-Ops-Sign:version=1.3',
      'X-Ops-Timestamp:2026-11-24T14:15:51Z',
      'X-Ops-UserId:vesemir',
      'X-Ops-Server-API-Version:1',
    ].join('\n')

    const headers = signed('1.3')

    expect(canonicalRequest(parts, '1.3')).toBe(text)
    expect(verify('sha256', Buffer.from(text), publicKey, signatureIn(headers))).toBe(true)
    expect(headers).toMatchObject({
      'X-Ops-Sign': 'algorithm=sha256;version=1.3;',
      'X-Ops-UserId': 'vesemir',
      'X-Ops-Timestamp': '2026-11-24T14:15:51Z',
      'X-Ops-Content-Hash': sha256('{"name":["name"]}'),
      'X-Ops-Server-API-Version': '1',
    })
  })

  test.each([
    ['1.1', sha1('vesemir')],
    ['1.0', 'vesemir'],
  ] as const)('encrypts the %s text itself with the private key', (protocol, userId) => {
    const headers = signed(protocol)

    const text = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signatureIn(headers))
    expect(text.toString()).toBe(
      [
        'Method:POST',
        `Hashed Path:${sha1('/organizations/shop/search/node')}`,
        `X-Ops-Content-Hash:${sha1('{"name":["name"]}')}`,
        'X-Ops-Timestamp:2026-11-24T14:15:51Z',
        `X-Ops-UserId:${userId}`,
      ].join('\n'),
    )
    expect(headers['X-Ops-Sign']).toBe(`algorithm=sha1;version=${protocol};`)
  })

  test('hashes the empty body of a GET too', () => {
    const text = canonicalRequest({ ...parts, method: 'GET', path: '/nodes', body: '' }, '1.3')

    expect(text).toBe(
      'Method:GET\nPath:/nodes\nX-Ops-Content-Hash:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nX-Ops-Sign:version=1.3\nX-Ops-Timestamp:2026-11-24T14:15:51Z\nX-Ops-UserId:vesemir\nX-Ops-Server-API-Version:1',
    )
  })
})
