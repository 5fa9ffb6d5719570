import type { Deployment, DeploymentFilter } from '@vesemir/contract'
import { aPlan, aSpec } from '@vesemir/contract/testing'
import { newDeployment } from '@vesemir/core'
import { expect, test } from 'vitest'
import { createNeeds } from './retention-needs.ts'

/** One that took two hosts, and succeeded. */
const aDeployment = (number: number, version: string): Deployment => ({
  ...newDeployment(
    { type: 'deployment.queued', id: `d-${number}`, spec: aSpec({ version }), requestedBy: 'ada' },
    '2026-03-01T12:00:00.000Z',
  ),
  plan: { hosts: 2, boxes: [], concurrency: 1, waves: [], release: aPlan([]).release, warnings: [] },
  state: { status: 'succeeded', endedAt: '2026-03-01T12:01:00.000Z' },
})

/** An index of these, newest first. */
function anIndex(deployments: readonly Deployment[]) {
  return {
    async list({ before, limit }: DeploymentFilter) {
      const from = before === undefined ? 0 : deployments.findIndex(({ id }) => id === before) + 1
      const page = deployments.slice(from, from + limit)
      return { deployments: page, ...(from + limit < deployments.length ? { next: page.at(-1)!.id } : {}) }
    },
  }
}

test('the last of another version is needed, however often the last version was converged since', async () => {
  const converged = Array.from({ length: 450 }, (_, index) => aDeployment(500 - index, '2.0.0'))
  const [before, earlier] = [aDeployment(3, '1.0.0'), aDeployment(2, '1.0.0')]
  const needs = createNeeds({
    deploymentIndex: anIndex([...converged, before, earlier]),
    deployments: { read: async () => undefined },
    hostHistory: { listInUse: async () => [], readWanted: async () => ({ wanted: undefined, current: undefined }) },
    journals: [],
    retention: { keepLast: 1 },
    onInvalid: () => {},
  })

  const place = await needs.of(earlier)

  expect([...place!.needed]).toEqual(['d-500', 'd-3'])
})

test('what followed the deployment of what should run is needed, since a record that is gone says nothing', async () => {
  const [made, failed, canary] = [5, 6, 7].map((number) => ({
    ...aDeployment(number, '2.0.0'),
    supersededBy: { id: `d-${number + 1}`, version: '2.0.0' },
  }))
  const records = [aDeployment(8, '2.0.0'), canary!, failed!, made!]
  const wanted = { deployment: 'd-5', release: '2.0.0', version: '2.0.0' }
  const needs = createNeeds({
    deploymentIndex: anIndex(records),
    deployments: { read: async (id: string) => records.find((record) => record.id === id) },
    hostHistory: { listInUse: async () => ['d-5'], readWanted: async () => ({ wanted, current: undefined }) },
    journals: [],
    retention: { keepLast: 1 },
    onInvalid: () => {},
  })

  const place = await needs.of(made!)

  expect([...place!.needed].toSorted()).toEqual(['d-5', 'd-6', 'd-7', 'd-8'])
})

test('of many machines that got what should run, the last is needed, which says that nothing had replaced it', async () => {
  const made = { ...aDeployment(5, '2.0.0'), supersededBy: { id: 'd-6', version: '2.0.0' } }
  const converges = { deployment: 'd-5', release: made.plan!.release.id }
  const booted = Array.from({ length: 200 }, (_, index): Deployment => {
    const deployment = aDeployment(6 + index, '2.0.0')
    const next = index < 199 ? { supersededBy: { id: `d-${7 + index}`, version: '2.0.0' } } : {}
    return {
      ...deployment,
      ...next,
      spec: { ...deployment.spec, converges, partial: true },
      supersedes: `d-${5 + index}`,
    }
  })
  const records = [...booted.toReversed(), made]
  const wanted = { ...converges, version: '2.0.0' }
  const needs = createNeeds({
    deploymentIndex: anIndex(records),
    deployments: { read: async (id: string) => records.find((record) => record.id === id) },
    hostHistory: {
      listInUse: async () => ['d-5'],
      readWanted: async () => ({ wanted, current: { id: 'd-205', version: '2.0.0' } }),
    },
    journals: [],
    retention: { keepLast: 1 },
    onInvalid: () => {},
  })

  const place = await needs.of(made)

  expect([...place!.needed].toSorted()).toEqual(['d-205', 'd-5'])
})
