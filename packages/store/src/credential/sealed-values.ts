import { hash } from 'node:crypto'
import { taggedPrefix, type RedisClient } from '../redis/redis-client.ts'
import type { z } from 'zod'
import { isVesemirError, VesemirError, type Clock } from '@vesemir/core'
import { readJson } from '../redis/read-json.ts'
import { createRegister, digestOf, type Register } from '../register/register.ts'
import { createSeal, type Seal } from './seal.ts'

/** Values in Redis that only who has the secret can read, make up, put in the place of another, or put back once they are gone. */
export interface SealedValues<Value> {
  /** Keeps a value until a moment. */
  put(id: string, value: Value, options: { expiresMs: number }): Promise<void>
  /** Puts a value in the place of one that is there; one that is gone stays gone. */
  replace(id: string, value: Value, options: { expiresMs: number }): Promise<void>
  /** Returns the value; undefined where there is none that holds. */
  read(id: string): Promise<Value | undefined>
  /** Returns whether there was one. */
  remove(id: string): Promise<boolean>
}

interface SealedOptions<Schema extends z.ZodType> {
  /** What the keys start with. */
  prefix: string
  schema: Schema
  secret: string
  clock: Pick<Clock, 'now'>
}

/** Keeps each value in a key of its own. `redis` stays the caller's. */
export function createSealedValues<Schema extends z.ZodType>(
  redis: RedisClient,
  { prefix: ownPrefix, schema, secret, clock }: SealedOptions<Schema>,
): SealedValues<z.output<Schema>> {
  const seal = createSeal(secret)
  const partPrefix = (id: string) => taggedPrefix(redis, { prefix: ownPrefix, tag: partOf(id) })
  const keyOf = (id: string) => {
    const prefix = partPrefix(id)
    return `${prefix}:${id}`
  }
  const registerOf = createRegisters(redis, { partPrefix, seal, clock })
  const write = (id: string, value: z.output<Schema>, expiresMs: number): Parameters<Register['put']> => {
    const sealed = seal.seal(JSON.stringify(value), keyOf(id))
    return [id, { digest: digestOf(sealed), expiresMs }, ['SET', keyOf(id), sealed, 'PXAT', expiresMs]]
  }
  return {
    put: (id, value, { expiresMs }) => registerOf(id).put(...write(id, value, expiresMs)),
    replace: (id, value, { expiresMs }) => registerOf(id).replace(...write(id, value, expiresMs)),
    async read(id) {
      const [sealed, digest] = await Promise.all([
        redis.getBuffer(keyOf(id)),
        registerOf(id).find(id).catch(whenForged),
      ])
      if (sealed === null || digest !== digestOf(sealed)) return undefined
      const json = seal.open(sealed, keyOf(id))
      return json === undefined ? undefined : readJson(schema, json, ownPrefix)
    },
    remove: (id) => registerOf(id).remove(id, ['DEL', keyOf(id)]),
  }
}

/** Where the list was not sealed by this API, no value in it holds. */
function whenForged(error: unknown): undefined {
  if (!isVesemirError(error, 'ORDER_FORGED')) throw error
}

/** Lists are kept in this many keys: one sign-in rewrites a part of what all others signed in by. */
const parts = 64

function partOf(id: string): number {
  return hash('sha256', id, 'buffer')[0]! % parts
}

/** Makes what returns the list that a value is in. */
function createRegisters(
  redis: RedisClient,
  {
    partPrefix,
    seal: { seal, open },
    clock,
  }: { partPrefix: (id: string) => string; seal: Seal; clock: Pick<Clock, 'now'> },
): (id: string) => Register {
  const registers = new Map<number, Register>()
  const create = (id: string) => {
    const part = partOf(id)
    const prefix = partPrefix(id)
    const key = `${prefix}-list:${part}`
    return createRegister(redis, {
      key,
      clock,
      seal: {
        put: (text) => seal(text, key).toString('base64'),
        open(sealed) {
          const text = open(Buffer.from(sealed, 'base64'), key)
          if (text !== undefined) return text
          throw new VesemirError('ORDER_FORGED', `${key} in Redis was not sealed with the secret of this API`)
        },
      },
    })
  }
  return (id) => {
    const part = partOf(id)
    const register = registers.get(part) ?? create(id)
    registers.set(part, register)
    return register
  }
}
