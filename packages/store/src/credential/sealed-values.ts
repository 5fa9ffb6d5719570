import type { Redis } from 'ioredis'
import type { z } from 'zod'
import { readJson } from '../redis/read-json.ts'
import { createSeal } from './seal.ts'

/** Values in Redis that only who has the secret can read, make up, or put in the place of another. */
export interface SealedValues<Value> {
  /** Keeps a value until a moment. */
  put(id: string, value: Value, options: { expiresMs: number }): Promise<void>
  /** Puts a value in the place of one that is there; one that is gone stays gone. */
  replace(id: string, value: Value, options: { expiresMs: number }): Promise<void>
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

/** Keeps each value in a key of its own. `redis` stays the caller's. */
export function createSealedValues<Schema extends z.ZodType>(
  redis: Redis,
  { prefix, schema, secret }: SealedOptions<Schema>,
): SealedValues<z.output<Schema>> {
  const { seal, open } = createSeal(secret)
  const keyOf = (id: string) => `${prefix}:${id}`
  return {
    async put(id, value, { expiresMs }) {
      await redis.set(keyOf(id), seal(JSON.stringify(value), keyOf(id)), 'PXAT', expiresMs)
    },
    async replace(id, value, { expiresMs }) {
      await redis.set(keyOf(id), seal(JSON.stringify(value), keyOf(id)), 'PXAT', expiresMs, 'XX')
    },
    async read(id) {
      const sealed = await redis.getBuffer(keyOf(id))
      const json = sealed === null ? undefined : open(sealed, keyOf(id))
      return json === undefined ? undefined : readJson(schema, json, prefix)
    },
    remove: async (id) => (await redis.del(keyOf(id))) === 1,
  }
}
