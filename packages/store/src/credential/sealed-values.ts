import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { z } from 'zod'
import { readJson } from '../redis/read-json.ts'

/** Values in Redis that only who has the secret can read, make up, or put in the place of another. */
export interface SealedValues<Value> {
  /** Keeps a value until a moment. */
  put(id: string, value: Value, options: { expiresMs: number }): Promise<void>
  /** Returns the value; undefined where there is none, or where it was not sealed by this secret. */
  read(id: string): Promise<Value | undefined>
  /** Returns whether there was one. */
  remove(id: string): Promise<boolean>
}

interface SealedOptions<Schema extends z.ZodType> {
  /** What the keys start with. */
  prefix: string
  schema: Schema
  secret: string
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** Keeps each value in a key of its own. `redis` stays the caller's. */
export function createSealedValues<Schema extends z.ZodType>(
  redis: Redis,
  { prefix, schema, secret }: SealedOptions<Schema>,
): SealedValues<z.output<Schema>> {
  const sealKey = Buffer.from(hkdfSync('sha256', secret, '', 'vesemir sealed values', 32))
  const keyOf = (id: string) => `${prefix}:${id}`
  return {
    async put(id, value, { expiresMs }) {
      await redis.set(keyOf(id), seal(JSON.stringify(value), { sealKey, place: keyOf(id) }), 'PXAT', expiresMs)
    },
    async read(id) {
      const sealed = await redis.getBuffer(keyOf(id))
      const json = sealed === null ? undefined : unseal(sealed, { sealKey, place: keyOf(id) })
      return json === undefined ? undefined : readJson(schema, json, prefix)
    },
    remove: async (id) => (await redis.del(keyOf(id))) === 1,
  }
}

interface Seal {
  sealKey: Buffer
  /** The key in Redis. A value that was moved to another is not one. */
  place: string
}

function seal(text: string, { sealKey, place }: Seal): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, sealKey, nonce).setAAD(Buffer.from(place))
  const sealed = [cipher.update(text, 'utf8'), cipher.final()]
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed])
}

function unseal(value: Buffer, { sealKey, place }: Seal): string | undefined {
  const [nonce, tag, sealed] = [
    value.subarray(0, nonceBytes),
    value.subarray(nonceBytes, nonceBytes + tagBytes),
    value.subarray(nonceBytes + tagBytes),
  ]
  if (tag.length < tagBytes) return undefined
  const decipher = createDecipheriv(algorithm, sealKey, nonce, { authTagLength: tagBytes })
  try {
    decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
