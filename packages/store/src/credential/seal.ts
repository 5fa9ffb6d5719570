import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Makes values that only who has the secret can read, make up, or put in the place of another. */
export interface Seal {
  /** Seals a text. `place` is where it belongs: it is opened nowhere else. */
  seal: (text: string, place: string) => Buffer
  /** Returns the text; undefined when it was not sealed by this secret for this place. */
  open: (sealed: Buffer, place: string) => string | undefined
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** Makes a seal of AES-256-GCM, with a key that is derived from the secret. */
export function createSeal(secret: string): Seal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'vesemir sealed values', 32))
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(place))
      const sealed = [cipher.update(text, 'utf8'), cipher.final()]
      return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed])
    },
    open(sealed, place) {
      const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes)
      if (tag.length < tagBytes) return undefined
      const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
      try {
        decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
        const text = decipher.update(sealed.subarray(nonceBytes + tagBytes))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
