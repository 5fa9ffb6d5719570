import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSystemClock } from '@vesemir/process/clock'
import { createQueues, type Queues } from '@vesemir/store/queue'
import { createRecords, type Records } from '@vesemir/store/record'
import type { Seals } from '@vesemir/store/seal'
import { testKeys, testSeals } from '@vesemir/store/seal/testing'
import type { RedisServer } from '@vesemir/testing/start-redis'
import type { DeploymentSpec } from '@vesemir/contract'
import type { Clock } from '@vesemir/core'
import { aSpec } from '@vesemir/contract/testing'
import type { Redis } from 'ioredis'
import type { z } from 'zod'

export const cluster = 'eu'

const keys = testKeys()

/** Tests act as the API and as workers, or as the API alone. */
const { both, api } = testSeals(keys)
export { both as seals, api as apiSeals }

/** The settings of a worker whose keys are the tests'. */
export async function ordersSettings(folder: string) {
  const [publicKey, recordKey] = [join(folder, 'orders.pub'), join(folder, 'record.key')]
  await Promise.all([writeFile(publicKey, keys.publicKey), writeFile(recordKey, keys.recordKey)])
  return { publicKeys: [publicKey], recordKeys: [recordKey] }
}

/** Records and queues of their own in a Redis that tests share. */
export interface Stores extends AsyncDisposable {
  redis: Redis
  prefix: string
  seals: Seals
  records: Records
  queues: Queues
  /** Records a deployment whose restart is this command; its job is not enqueued. */
  create(
    restart?: string,
    changes?: Pick<z.input<typeof DeploymentSpec>, 'notifications' | 'override'> & { cluster?: string },
  ): Promise<string>
}

/** How stores are opened otherwise than by tests that act as API and workers at once. */
interface StoresOptions {
  /** Those of other stores, whose records these are too. */
  prefix?: string
  seals?: Seals
  clusters?: string[]
  /** How long ago it is there, in milliseconds. */
  agoMs?: number
}

export function openStores(
  server: RedisServer,
  { prefix = randomUUID(), seals = both, clusters = [cluster], agoMs = 0 }: StoresOptions = {},
): Stores {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const system = createSystemClock()
  const clock: Clock = { ...system, now: () => system.now() - agoMs }
  const records = createRecords(redis, { clock, seals, prefix })
  const queues = createQueues(redis, { clusters, clock, seals, prefix })
  let created = 0
  return {
    redis,
    prefix,
    seals,
    records,
    queues,
    async create(restart = 'true', changes = {}) {
      // An application of its own each time: none has to wait for another.
      const application = `payments-${(created += 1)}`
      const { id } = await records.deployments.create({
        spec: quickSpec({ application, restart, ...changes }),
        requestedBy: 'ada',
      })
      return id
    },
    async [Symbol.asyncDispose]() {
      await queues[Symbol.asyncDispose]()
      await records[Symbol.asyncDispose]()
    },
  }
}

function quickSpec({ restart, ...changes }: { application: string; restart: string }): DeploymentSpec {
  return aSpec({
    cluster,
    service: { restart },
    healthCheck: { kind: 'tcp', port: 80, successes: 1 },
    ...changes,
  })
}
