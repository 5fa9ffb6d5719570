/** What an OpenSSH certificate says (OpenSSH's PROTOCOL.certkeys). Nothing of it is verified by reading it. */
export interface Certificate {
  /** Such as `ssh-ed25519-cert-v01@openssh.com`. */
  type: string
  /** The key that is certified, as SSH sends a plain one. */
  publicKey: Buffer
  kind: 'user' | 'host' | 'unknown'
  keyId: string
  /** The users or hosts that it is for; none means any. */
  principals: string[]
  /** Milliseconds since 1970. */
  validAfterMs: number
  /** Milliseconds since 1970; `latestMs` when it never ends. */
  validBeforeMs: number
  criticalOptions: string[]
  /** The key of the authority that signed. */
  authority: Buffer
  signed: Buffer
  signature: { type: string; bytes: Buffer }
}

/** The last moment that a `Date` can be. */
export const latestMs = 8.64e15

const suffix = '-cert-v01@openssh.com'

/** How many fields a public key of each type has after its type. */
const keyFields: Record<string, number> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
}

/** Reads a certificate as SSH sends it. Gives nothing for what is not one, or not whole. */
export function parseCertificate(blob: Buffer): Certificate | undefined {
  const reader = createReader(blob)
  try {
    const type = reader.text()
    const fields = type.endsWith(suffix) ? keyFields[type.slice(0, -suffix.length)] : undefined
    if (fields === undefined) return undefined
    reader.bytes() // nonce
    const key = Array.from({ length: fields }, reader.bytes)
    reader.uint64() // serial
    const kind = ({ 1: 'user', 2: 'host' } as const)[reader.uint32()] ?? 'unknown'
    const keyId = reader.text()
    const principals = textsIn(reader.bytes())
    const [validAfterMs, validBeforeMs] = [millisecondsIn(reader.uint64()), millisecondsIn(reader.uint64())]
    const criticalOptions = textsIn(reader.bytes()).filter((_, index) => index % 2 === 0)
    reader.bytes() // extensions
    reader.bytes() // reserved
    const authority = reader.bytes()
    const signed = blob.subarray(0, reader.position())
    const inSignature = createReader(reader.bytes())
    if (reader.position() !== blob.length) return undefined
    return {
      type,
      publicKey: Buffer.concat([Buffer.from(type.slice(0, -suffix.length)), ...key].map(withLength)),
      kind,
      keyId,
      principals,
      validAfterMs,
      validBeforeMs,
      criticalOptions,
      authority,
      signed,
      signature: { type: inSignature.text(), bytes: inSignature.bytes() },
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Reads the fields of RFC 4251, 5. Beyond the end it throws a RangeError. */
export function createReader(blob: Buffer) {
  let position = 0
  const take = (length: number) => {
    if (position + length > blob.length) throw new RangeError('it ends too early')
    position += length
    return blob.subarray(position - length, position)
  }
  const bytes = () => take(take(4).readUInt32BE())
  return {
    bytes,
    text: () => bytes().toString('utf8'),
    uint32: () => take(4).readUInt32BE(),
    uint64: () => take(8).readBigUInt64BE(),
    position: () => position,
  }
}

function textsIn(list: Buffer): string[] {
  const reader = createReader(list)
  const texts: string[] = []
  while (reader.position() < list.length) texts.push(reader.text())
  return texts
}

/** Seconds since 1970, of which there can be more than a `Date` has. */
function millisecondsIn(seconds: bigint): number {
  return Math.min(Number(seconds) * 1000, latestMs)
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
