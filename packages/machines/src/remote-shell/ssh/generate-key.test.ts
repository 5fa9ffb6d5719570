import { createPublicKey, verify } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import { expect, test } from 'vitest'
import { generateKey } from './generate-key.ts'

test('a generated key is whole, and its halves belong together, whatever its bytes', { timeout: 30_000 }, () => {
  const data = Buffer.from('deploy')
  for (let i = 0; i < 2000; i += 1) {
    const pair = generateKey()
    const x = Buffer.from(pair.public.split(' ')[1]!, 'base64').subarray(19).toString('base64url')
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })

    const signature = (ssh2.utils.parseKey(pair.private) as ParsedKey).sign(data)

    expect(verify(null, data, publicKey, signature as Buffer)).toBe(true)
  }
})
