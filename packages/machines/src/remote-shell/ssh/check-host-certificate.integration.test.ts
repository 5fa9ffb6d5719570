import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { latestMs, parseCertificate, type Certificate } from './certificate.ts'
import { findCertificateProblem } from './check-host-certificate.ts'
import { certify } from '@vesemir/testing/certify'
import { writeKeyPair } from '@vesemir/testing/start-sshd'

const folder = mkdtempSync(join(tmpdir(), 'vesemir-certificates-'))
afterAll(() => rmSync(folder, { recursive: true }))

const blobIn = (line: string) => Buffer.from(line.split(' ')[1]!, 'base64')
const authorityPath = join(folder, 'ca')
const authority = blobIn(writeKeyPair(authorityPath).public)
const hostPath = join(folder, 'host')
const hostKey = blobIn(writeKeyPair(hostPath).public)

function certificateBlob(parts: Partial<Parameters<typeof certify>[1]> = {}): Buffer {
  return blobIn(certify(hostPath, { authority: authorityPath, host: true, principals: ['web-1'], ...parts }))
}

const target = { name: 'Web-1', address: '10.0.0.1' }
const problemOf = (blob: Buffer, expected: Partial<Parameters<typeof findCertificateProblem>[1]> = {}) =>
  findCertificateProblem(parseCertificate(blob) as Certificate, {
    target,
    authorities: [authority],
    revoked: [],
    nowMs: Date.now(),
    ...expected,
  })

describe('a certificate of a host', () => {
  test('is read as ssh-keygen shows it', () => {
    const certificate = parseCertificate(
      certificateBlob({ principals: ['web-1', '10.0.0.1'], validity: 'always:forever' }),
    )

    expect(certificate).toMatchObject({
      type: 'ssh-ed25519-cert-v01@openssh.com',
      kind: 'host',
      keyId: 'test',
      principals: ['web-1', '10.0.0.1'],
      validAfterMs: 0,
      validBeforeMs: latestMs,
      criticalOptions: [],
      publicKey: hostKey,
      authority,
    })
  })

  test.each(['ed25519', 'rsa', 'ecdsa'])('is believed by name and by address, signed with %s', (type) => {
    const path = join(folder, `ca-${type}`)
    const own = blobIn(writeKeyPair(path, { type }).public)

    expect(problemOf(certificateBlob({ authority: path }), { authorities: [authority, own] })).toBeUndefined()
    expect(
      problemOf(certificateBlob({ authority: path, principals: ['10.0.0.1'] }), { authorities: [own] }),
    ).toBeUndefined()
  })

  test.each([
    ['ecdsa', '384'],
    ['ecdsa', '521'],
  ])('is believed when signed with %s of %s bits', (type, bits) => {
    const path = join(folder, `ca-${bits}`)
    execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-f', path])
    const own = blobIn(readFileSync(`${path}.pub`, 'utf8'))

    expect(problemOf(certificateBlob({ authority: path }), { authorities: [own] })).toBeUndefined()
  })

  test.each([
    ['for nobody', { principals: [] }, {}, 'is for nobody'],
    ['for others', { principals: ['web-2', '*'] }, {}, 'is for web-2, *'],
    ['of a user', { host: false }, {}, 'is not a host certificate'],
    ['with an option that must be understood', { args: ['-O', 'critical:x@y.z=1'] }, {}, 'asks for x@y.z'],
    ['by another authority', {}, { authorities: [hostKey] }, 'is signed by an unknown authority'],
    ['by a revoked authority', {}, { revoked: [authority] }, 'is signed by a revoked authority'],
    ['of a revoked key', {}, { revoked: [hostKey] }, 'is of a revoked key'],
    ['before its time', {}, { nowMs: 0 }, 'is not valid before'],
    ['after its time', {}, { nowMs: Date.now() + 2 * 3_600_000 }, 'expired'],
  ])('%s is not believed', (_, parts, expected, words) => {
    expect(problemOf(certificateBlob(parts), expected)).toContain(words)
  })

  test('by RSA with SHA-1 is not believed', () => {
    const path = join(folder, 'ca-sha1')
    const own = blobIn(writeKeyPair(path, { type: 'rsa' }).public)

    expect(problemOf(certificateBlob({ authority: path, args: ['-t', 'ssh-rsa'] }), { authorities: [own] })).toContain(
      'has an invalid signature',
    )
  })

  test('is not believed when one bit of it is another, wherever that is', () => {
    const blob = certificateBlob()

    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.nat(7), (index, bit) => {
        const changed = Buffer.from(blob)
        changed[index]! ^= 1 << bit

        const certificate = parseCertificate(changed)

        expect(!certificate || problemOf(changed) !== undefined).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is none when it is cut off, longer, or something else', () => {
    const blob = certificateBlob()

    for (let length = 0; length < blob.length; length += 1)
      expect(parseCertificate(blob.subarray(0, length))).toBeUndefined()
    expect(parseCertificate(Buffer.concat([blob, Buffer.from('x')]))).toBeUndefined()
    expect(parseCertificate(hostKey)).toBeUndefined()
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parseCertificate(Buffer.from(bytes)) === undefined))
  })
})
