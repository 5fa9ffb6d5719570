import {
  changes,
  inputCounts,
  oddText,
  oddValue,
  seed,
  seededTimeoutMs,
  withChanges,
} from '@vesemir/testing/seeded-inputs'
import { startRedis } from '@vesemir/testing/start-redis'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { cluster, openStores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

const patient = { timeout: 120_000 }

const job = {
  deploymentId: 'd-1',
  application: 'payments',
  environment: 'production',
  version: '1',
  host: 'web-1',
  order: '{}\nkey.proof',
}

const input = fc.record({
  kind: fc.constantFrom('deployments', 'hosts', 'notifications'),
  data: fc.oneof(
    changes().map((made) => withChanges(job, made)),
    oddValue(),
  ),
  name: oddText(),
  attempts: fc.constantFrom(1, 1000),
})

it(
  `no job of a stranger runs anything or ends a worker, which goes on with what was ordered (SEED=${seed})`,
  async () => {
    await using server = await startRedis()
    await using stores = openStores(server)
    const { ports, ran } = inMemoryCluster(['web-1'])
    const bugs: unknown[] = []
    await using _worker = await startTestWorker('w1', { stores, ports, onBug: (error) => void bugs.push(error) })
    const inputs = fc.sample(input, { seed, numRuns: inputCounts.jobs })
    const queueOf = (kind: string) => stores.queues.all.find(({ name }) => name === `${kind}-${cluster}`)!

    const jobs = await Promise.all(
      inputs.map(({ kind, name, data, attempts }, index) =>
        queueOf(kind).add(name || 'x', data, { jobId: `stranger~${index}`, attempts }),
      ),
    )

    for (const each of ['deployments', 'hosts', 'notifications'])
      await expect
        .poll(() => queueOf(each).getJobCounts('wait', 'active', 'delayed', 'prioritized'), patient)
        .toEqual({ wait: 0, active: 0, delayed: 0, prioritized: 0 })
    expect(jobs).toHaveLength(inputCounts.jobs)
    expect([ran, bugs]).toEqual([[], []])
    const id = await stores.create('true')
    await stores.queues.enqueueDeployment((await stores.records.deployments.read(id))!)
    await expect
      .poll(async () => (await stores.records.deployments.read(id))!.state, patient)
      .toMatchObject({ status: 'succeeded' })
    expect(ran).toEqual(['web-1: true'])
  },
  seededTimeoutMs,
)
