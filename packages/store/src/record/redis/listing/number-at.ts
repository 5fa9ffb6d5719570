import { z } from 'zod'
import { isUnreliable, readJson } from '../../../redis/read-json.ts'
import { textOf } from '../../../seal/seal.ts'
import { idOf } from '../deployment-number.ts'
import { fields } from '../keys.ts'
import { highestBelow } from '../read-shards.ts'
import { sealContexts } from '../seal-contexts.ts'
import type { Store } from '../store.ts'

/**
 * Finds the number from which on deployments were created at a moment or later: numbers count up with time, so a few records tell.
 * Two that are created at once may have numbers in the other order: give a moment that is somewhat earlier, or later.
 */
export async function numberAt(store: Store, ms: number): Promise<number> {
  let low = 0
  let high = ((await highestBelow(store, Infinity)) ?? 0) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const found = await readAtOrBelow(store, { number: middle, low })
    if (found === undefined || found.createdMs < ms) low = middle + 1
    else high = found.number
  }
  return low
}

/** Reads when a deployment was created, or else the next one below it of which that can be read. */
async function readAtOrBelow(
  store: Store,
  { number, low }: { number: number; low: number },
): Promise<{ number: number; createdMs: number } | undefined> {
  for (let below = number + 1; ;) {
    const found = await highestBelow(store, below)
    if (found === undefined || found < low) return undefined
    const createdMs = await readCreatedMs(store, idOf(found))
    if (createdMs !== undefined) return { number: found, createdMs }
    below = found
  }
}

const Moments = z.object({ at: z.iso.datetime().optional(), createdAt: z.iso.datetime().optional() })

async function readCreatedMs({ redis, keys }: Store, id: string): Promise<number | undefined> {
  const [order, row] = await redis.hmget(keys.record(id), fields.order, fields.deployment)
  const sealed = order || row
  if (!sealed) return undefined
  try {
    const { at, createdAt } = readJson(Moments, textOf(sealed), sealContexts.order(id))
    const moment = at ?? createdAt
    return moment === undefined ? undefined : Date.parse(moment)
  } catch (error) {
    if (isUnreliable(error)) return undefined
    throw error
  }
}
