import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSystemClock } from '@vesemir/process/clock'
import { createQueues, type Queues } from '@vesemir/store/queue'
import { createRecords, type Records } from '@vesemir/store/record'
import { testKeys, testSeals } from '@vesemir/store/seal/testing'
import type { RedisServer } from '@vesemir/testing/start-redis'
import type { DeploymentSpec } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import type { Redis } from 'ioredis'
import type { z } from 'zod'

export const cluster = 'eu'

const keys = testKeys()

/** Tests act as the API and as workers, or as the API alone. */
export const { both: seals, api: apiSeals } = testSeals(keys)

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
  records: Records
  queues: Queues
  /** Records a deployment whose restart is this command; its job is not enqueued. */
  create(
    restart?: string,
    changes?: Pick<z.input<typeof DeploymentSpec>, 'notifications'> & { cluster?: string },
  ): Promise<string>
}

export function openStores(server: RedisServer): Stores {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const prefix = randomUUID()
  const clock = createSystemClock()
  const records = createRecords(redis, { clock, seals, prefix })
  const queues = createQueues(redis, { clusters: [cluster], clock, seals, prefix })
  let created = 0
  return {
    redis,
    prefix,
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
