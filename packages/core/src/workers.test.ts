import type { WorkerReport } from '@vesemir/contract'
import { describe, expect, it } from 'vitest'
import { clustersWithoutWorker, refuseDrain, viewWorker } from './workers.ts'

const nowMs = Date.parse('2026-11-29T12:00:00Z')
const drain = { by: 'ada', at: '2026-11-29T11:59:00Z' }

function aReport(changes: Partial<WorkerReport> & { clusters?: string[]; hosts?: number } = {}): WorkerReport {
  const { clusters = ['eu'], hosts = 0, ...report } = changes
  return {
    name: 'w1',
    version: '1.0.0',
    startedAt: '2026-11-29T10:00:00Z',
    seenAt: new Date(nowMs - 2000).toISOString(),
    takesJobs: true,
    load: clusters.map((cluster) => ({ cluster, deployments: 0, maxDeployments: 20, hosts, maxHosts: 50 })),
    jobs: [],
    ...report,
  }
}

const view = (changes?: Parameters<typeof aReport>[0]) => viewWorker({ report: aReport(changes) }, nowMs)

describe('the state of a worker', () => {
  it.each([
    ['working', aReport(), undefined],
    ['draining, before it has read that', aReport(), drain],
    ['draining, while it has a host', aReport({ takesJobs: false, hosts: 1 }), drain],
    ['drained', aReport({ takesJobs: false }), drain],
    ['draining, after it is resumed and before it has read that', aReport({ takesJobs: false, hosts: 1 }), undefined],
    ['lost, 10 s after its last report', aReport({ seenAt: new Date(nowMs - 10_001).toISOString() }), undefined],
  ])('is %s', (expected, report, drain) => {
    expect(viewWorker({ report, drain }, nowMs).state).toBe(expected.split(',')[0])
  })
})

it('tells which clusters have no worker that takes jobs', () => {
  const lost = view({ name: 'w2', clusters: ['us'], seenAt: '2026-11-29T11:00:00Z' })
  const drained = view({ name: 'w3', clusters: ['asia'], takesJobs: false })

  expect(clustersWithoutWorker(['eu', 'us', 'asia', 'test'], [view(), lost, drained])).toEqual(['us', 'asia', 'test'])
})

describe('a drain', () => {
  it('is refused for the only worker of a cluster, which others do not serve or have left', () => {
    const both = view({ clusters: ['eu', 'us'] })
    const others = [view({ name: 'w2' }), view({ name: 'w3', clusters: ['us'], takesJobs: false })]

    const refused = { code: 'WORKER_NEEDED', message: 'w1 is the only worker of cluster us' }
    expect(() => refuseDrain(both, [both, ...others])).toThrow(expect.objectContaining(refused))
  })

  it('is not refused when another takes the jobs, or when the worker takes none any more', () => {
    const lost = view({ seenAt: '2026-11-29T11:00:00Z' })

    expect(() => refuseDrain(view(), [view(), view({ name: 'w2' })])).not.toThrow()
    expect(() => refuseDrain(lost, [lost])).not.toThrow()
  })
})
