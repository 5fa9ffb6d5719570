import type { Plan } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { planChanges, refuseChangedPlan, refuseChangedSettings } from './plan-changes.ts'
import { aTarget } from './testing/simulated-fleet.ts'

const host = (name: string, { wave = 1, ...target }: { wave?: number; address?: string } = {}) => ({
  target: { ...aTarget(name), ...target },
  servers: [{ box: 'lb-1', backend: 'app', server: name }],
  wave,
})
const plan: Plan = {
  hosts: [host('web-1'), host('web-2', { wave: 2 })],
  boxes: [aTarget('lb-1')],
  concurrency: 1,
  waves: [
    { hosts: 1, concurrency: 1 },
    { hosts: 1, concurrency: 1 },
  ],
  release: { strategy: 'command', id: '2.0.0' },
  warnings: [],
}

test.for<[string, Partial<Plan>, string[]]>([
  ['nothing', { warnings: ['a person drained web-2'] }, []],
  ['a new host', { hosts: [...plan.hosts, host('web-3', { wave: 2 })] }, ['web-3 is new']],
  ['a host that is gone', { hosts: [plan.hosts[0]!] }, ['web-2 is gone']],
  [
    'an address',
    { hosts: [host('web-1', { address: '10.9.9.9' }), plan.hosts[1]!] },
    [expect.stringContaining('address of web-1')],
  ],
  [
    'a server',
    { hosts: [{ ...plan.hosts[0]!, servers: [] }, plan.hosts[1]!] },
    ['servers of web-1: now none, was lb-1 app/web-1'],
  ],
  ['a box', { boxes: [] }, [expect.stringContaining('boxes: now none, was lb-1')]],
  ['the release', { release: { strategy: 'command', id: '2.0.0-ab' } }, ['release: now 2.0.0-ab, was 2.0.0']],
  ['the order', { hosts: plan.hosts.toReversed() }, [expect.stringContaining('order')]],
])('what changes a plan: %s', ([, change, changes]) => {
  expect(planChanges(plan, { ...plan, ...change })).toEqual(changes)
})

test('of an archive that a worker of another version has looked at, a plan may tell more or less', () => {
  const archive = { format: 'tar.gz', sha256: 'ab'.repeat(32), bytes: 10, unpackedBytes: 20 } as const
  const release = { strategy: 'artifact', id: '2.0.0', url: 'https://a.example/2.0.0.tar.gz', ...archive } as const
  const withMore = { ...release, hasSetIdFolders: false }

  expect(planChanges({ ...plan, release }, { ...plan, release: withMore })).toEqual([])
  expect(planChanges({ ...plan, release: withMore }, { ...plan, release })).toEqual([])
  expect(planChanges({ ...plan, release }, { ...plan, release: { ...withMore, sha256: 'cd'.repeat(32) } })).toEqual([
    'contents of release 2.0.0',
  ])
})

test('a deployment by a plan is refused with what has changed, and one without is free', () => {
  const now = { ...plan, hosts: [] }
  const spec = aSpec({ planId: 'p-7' })

  expect(() => refuseChangedPlan(now, { spec, expected: plan })).toThrow('p-7 is out of date: web-1 is gone')
  expect(() => refuseChangedPlan(plan, { spec, expected: plan })).not.toThrow()
  expect(() => refuseChangedPlan(now, { spec: aSpec(), expected: undefined })).not.toThrow()
})

test('a release that is named for one deployment, as nothing tells whether its secrets are the same, is as planned', () => {
  const changeset = {
    strategy: 'git',
    repository: 'https://g.example/p',
    directory: '/srv/p',
    environmentFile: 'p.env',
  }
  const spec = aSpec({ planId: 'p-7', changeset: changeset as never, variables: { TOKEN: { secret: 'token' } } })
  const now: Plan = { ...plan, release: { ...plan.release, id: '2.0.0-bbbb' } }
  const refuse = (secrets?: Record<string, string>) => () =>
    refuseChangedPlan({ ...now, ...(secrets && { secrets }) }, { spec, expected: plan })

  expect(refuse()).not.toThrow()
  expect(refuse({ TOKEN: 'one' })).toThrow('release: now 2.0.0-bbbb')
})

test('settings that have changed since a plan are named', () => {
  const before = aSpec({ application: 'payments', concurrency: 1 })

  expect(() => refuseChangedSettings('p-7', { before, now: { ...before, concurrency: '50%' } })).toThrow(
    'settings of payments: concurrency',
  )
  expect(() => refuseChangedSettings('p-7', { before, now: { ...before } })).not.toThrow()
})
