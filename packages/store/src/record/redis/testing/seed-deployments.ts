import { newDeployment } from '@vesemir/core'
import { aPlan, aSpec } from '@vesemir/contract/testing'
import type { Redis } from 'ioredis'
import { idOf } from '../deployment-number.ts'
import { createKeys, fields, type EndedStatus } from '../keys.ts'
import { writeCounts, writeRow } from '../store.ts'

/** How one deployment differs from the others. */
export interface Seed {
  application: string
  environment: string
  team: string
  by: string
  status: EndedStatus
  version?: string
  reason?: string
  hosts?: readonly string[]
}

const seededAtOnce = 1000
const hosts = aPlan(Array.from({ length: 20 }, (_, index) => `web-${index}`)).hosts.length

/**
 * Writes ended deployments without seals, numbered from 1 and one minute apart, as a version before the listing has left them: with
 * records, and without bits.
 */
export async function seedDeployments(
  redis: Redis,
  { prefix, count, seed }: { prefix: string; count: number; seed: (number: number) => Seed },
): Promise<void> {
  const keys = createKeys(redis, prefix)
  for (let first = 1; first <= count; first += seededAtOnce) {
    const pipeline = redis.pipeline()
    for (let number = first; number < Math.min(first + seededAtOnce, count + 1); number += 1) {
      const id = idOf(number)
      const { by: requestedBy, status, hosts: names, ...place } = seed(number)
      const spec = aSpec(place)
      const at = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString()
      const deployment = {
        ...newDeployment({ type: 'deployment.queued', id, spec, requestedBy }, at),
        state: { status, endedAt: at, failure: { code: 'INTERNAL', message: 'seeded' } },
        plan: { ...aPlan([]), hosts, concurrency: 2 },
      }
      pipeline.hset(keys.record(id), {
        seq: 1,
        [fields.order]: JSON.stringify({ id, spec, requestedBy, at }),
        [fields.deployment]: writeRow(deployment, { followed: 0 }),
        [fields.status]: status,
        ...(names ? { [fields.hostNames]: JSON.stringify(names) } : {}),
        ...Object.fromEntries(writeCounts(deployment.counts)),
      })
      pipeline.zadd(keys.shards[0]!.deployments, number, id)
    }
    await pipeline.exec()
  }
  await redis.set(keys.lastNumber, count)
}
