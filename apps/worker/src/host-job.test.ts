import type { HostRecord } from '@vesemir/contract'
import { VesemirError, type Deployments, type HostPorts } from '@vesemir/core'
import { codeOf } from '@vesemir/testing/code-of'
import { expect, test } from 'vitest'
import { createHostJob } from './host-job.ts'

/** A host whose last walk, the second attempt, ended an hour from now: Redis's clock was ahead then. */
const requeued: HostRecord = {
  target: { name: 'web-1', address: '192.0.2.1', port: 22, user: 'deploy', hostKeys: [] },
  servers: [],
  wave: 1,
  state: { status: 'pending' },
  intent: 'deploy',
  attempt: 2,
  steps: [],
  history: [
    {
      attempt: 2,
      intent: 'deploy',
      status: 'failed',
      endedAt: new Date(Date.now() + 3_600_000).toISOString(),
      traffic: 'untouched',
    },
  ],
}

/** Runs the job of a host that another worker takes. */
async function run(after: number): Promise<void> {
  const taken = async () => {
    throw new VesemirError('FENCE_LOST', 'another worker took web-1')
  }
  const runJob = createHostJob({
    claims: { claimDeployment: taken, claimHost: taken, refuseDeployment: async () => {} },
    deployments: { readHost: async () => requeued } as unknown as Deployments,
    ports: {} as HostPorts,
    connections: { for: () => ({ connect: taken }), prepare: () => {} },
    worker: 'worker-1',
  })
  const deployment = { deploymentId: 'd-1', application: 'payments', environment: 'production', version: '1.0.0' }
  await runJob({ ...deployment, host: 'web-1', after }, new AbortController().signal)
}

test("a host is claimed for the walk after its last, whatever the clocks say of that walk's end", async () => {
  expect(await codeOf(run(2))).toBe('FENCE_LOST')
})

test('a host is not claimed for a job from before its last walk ended', async () => {
  expect(await codeOf(run(0))).toBe('ORDER_EXPIRED')
})
