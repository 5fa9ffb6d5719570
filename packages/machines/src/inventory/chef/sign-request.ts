import { constants, createHash, privateEncrypt, sign, type KeyObject } from 'node:crypto'

export type SigningProtocol = '1.3' | '1.1' | '1.0'

/** What a signature covers. `path` is without the query; `timestamp` is ISO 8601 without milliseconds. */
export interface SignedParts {
  method: string
  path: string
  body: string
  timestamp: string
  clientName: string
}

/**
 * Gives the X-Ops headers that prove to a Chef server who asks (mixlib-authentication). 1.3 signs with SHA-256; 1.0 and
 * 1.1, with SHA-1, are for servers too old for it.
 */
export function signRequest(
  parts: SignedParts,
  { key, protocol }: { key: KeyObject; protocol: SigningProtocol },
): Record<string, string> {
  const hash = protocol === '1.3' ? 'sha256' : 'sha1'
  const signature = signText(canonicalRequest(parts, protocol), { key, protocol })
  const headers: Record<string, string> = {
    'X-Ops-Sign': `algorithm=${hash};version=${protocol};`,
    'X-Ops-UserId': parts.clientName,
    'X-Ops-Timestamp': parts.timestamp,
    'X-Ops-Content-Hash': digest(hash, parts.body),
    'X-Ops-Server-API-Version': '1',
  }
  const lines = signature.match(/.{1,60}/g) ?? []
  for (const [index, line] of lines.entries()) headers[`X-Ops-Authorization-${index + 1}`] = line
  return headers
}

/** Gives the text that is signed: lines without a newline at the end. */
export function canonicalRequest(parts: SignedParts, protocol: SigningProtocol): string {
  if (protocol === '1.3') {
    return [
      `Method:${parts.method}`,
      `Path:${parts.path}`,
      `X-Ops-Content-Hash:${digest('sha256', parts.body)}`,
      'X-Ops-Sign:version=1.3',
      `X-Ops-Timestamp:${parts.timestamp}`,
      `X-Ops-UserId:${parts.clientName}`,
      'X-Ops-Server-API-Version:1',
    ].join('\n')
  }
  return [
    `Method:${parts.method}`,
    `Hashed Path:${digest('sha1', parts.path)}`,
    `X-Ops-Content-Hash:${digest('sha1', parts.body)}`,
    `X-Ops-Timestamp:${parts.timestamp}`,
    `X-Ops-UserId:${protocol === '1.1' ? digest('sha1', parts.clientName) : parts.clientName}`,
  ].join('\n')
}

function signText(text: string, { key, protocol }: { key: KeyObject; protocol: SigningProtocol }): string {
  const bytes = Buffer.from(text)
  // The older protocols encrypt the text itself with the private key: no digest, as in openssl rsautl -sign.
  if (protocol === '1.3') return sign('sha256', bytes, key).toString('base64')
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes).toString('base64')
}

function digest(algorithm: 'sha1' | 'sha256', text: string): string {
  return createHash(algorithm).update(text).digest('base64')
}
