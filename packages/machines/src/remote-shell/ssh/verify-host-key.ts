import type { HostTarget } from '@vesemir/contract'
import { parseCertificate } from './certificate.ts'
import { findCertificateProblem } from './check-host-certificate.ts'
import { fingerprint, type KnownHostKeys } from './host-keys.ts'

/** Checks what a host shows for its key. Gives in words why it is not to be believed, or nothing. */
export function findHostKeyProblem(
  shown: Buffer,
  { target, known, nowMs }: { target: HostTarget; known: KnownHostKeys; nowMs: number },
): string | undefined {
  const certificate = parseCertificate(shown)
  const key = certificate?.publicKey ?? shown
  if (known.keys.some(({ blob }) => blob.equals(key))) return undefined
  const fingerprints = known.keys.map(({ blob }) => fingerprint(blob)).join(' or ')
  const expected = fingerprints ? `, but ${fingerprints} is known for it` : ''
  if (!certificate) {
    const uncertified = known.authorities.length > 0 ? ', which has no valid certificate' : ''
    return `showed the host key ${fingerprint(key)}${uncertified}${expected}`
  }
  const problem = findCertificateProblem(certificate, { ...known, target, nowMs })
  if (!problem) return undefined
  const authority = `${fingerprint(certificate.authority)} signed it`
  return `showed the host key ${fingerprint(key)} with a certificate ("${oneLine(certificate.keyId)}", ${authority}) that ${problem}${expected}`
}

/** A stranger's text. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 100)
}
