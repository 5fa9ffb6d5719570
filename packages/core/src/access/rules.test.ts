import { ClusterProtection, type Command, type DeploymentEvent } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { SimulatedFleet, faults } from '../testing/simulated-fleet.ts'
import { SimulatedWorkers } from '../testing/simulated-workers.ts'
import { refuseCommand, refuseDeployment, refuseUnlock, warnOfRules } from './rules.ts'

const frozenMs = Date.parse('2026-11-29T12:00:00Z')
const freeze = { from: 'Fri 16:00', to: 'Mon 08:00', timeZone: 'Europe/Berlin', reason: 'weekend' }

const ruleOf = (rule: object) => ClusterProtection.parse({ environments: ['prod*'], ...rule })

function refusal(act: () => void): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

it('refuses a deployment in a freeze and says when it ends, unless it overrides', () => {
  const rules = { protections: [ruleOf({ freezes: [freeze] })] }
  const deploy = (changes: object) => () => refuseDeployment({ spec: aBalancedSpec(changes) }, rules, frozenMs)

  expect(deploy({})).toThrow('production is frozen until 2026-11-30 08:00 Europe/Berlin: weekend')
  expect(refusal(deploy({}))).toBe('ENVIRONMENT_FROZEN')
  expect(refusal(deploy({ override: true }))).toBeUndefined()
  expect(refusal(deploy({ environment: 'test' }))).toBeUndefined()
})

it('says in a plan what would be refused, and which freeze is near', () => {
  const rules = { protections: [ruleOf({ freezes: [freeze], maxConcurrency: 1 })] }
  const warn = (nowMs: number) => warnOfRules(aBalancedSpec({ concurrency: 2 }), rules, nowMs)

  expect(warn(frozenMs)).toEqual([
    'production is protected, and this is refused: concurrency: 2 is not allowed: at most 1',
    'deploying this is refused: production is frozen until 2026-11-30 08:00 Europe/Berlin: weekend',
    'production is frozen from 2026-12-04 16:00 Europe/Berlin: weekend',
  ])
})

test.each<[Command['command'], string | undefined]>([
  ['retry', 'ENVIRONMENT_FROZEN'],
  ['approve', 'ENVIRONMENT_FROZEN'],
  ['resume', 'ENVIRONMENT_FROZEN'],
  ['skip', 'ENVIRONMENT_FROZEN'],
  ['pause', undefined],
  ['reject', undefined],
  ['cancel', undefined],
  ['rollback', undefined],
])('in a freeze %s is answered with %s', (name, code) => {
  const command = { command: name } as Command
  const deployment = { spec: aBalancedSpec(), requestedBy: 'ada' }
  const rules = { protections: [ruleOf({ freezes: [freeze] })] }

  expect(refusal(() => refuseCommand({ command, by: 'bob' }, { deployment, rules, nowMs: frozenMs }))).toBe(code)
})

test.each([
  ['another', ['operator', 'deployer'], 'ENVIRONMENT_PROTECTED'],
  ['another', ['admin'], undefined],
  ['ada', ['deployer'], undefined],
] as const)('a lock that ada placed is lifted by %s, as %j: %s', (by, roles, code) => {
  const protections = [{ ...ruleOf({}), mayChange: [], unlock: ['admin' as const] }]
  const lock = { environment: 'production', by: 'ada' }

  expect(refusal(() => refuseUnlock(lock, { by, roles, cluster: 'eu', protections }))).toBe(code)
})

it('refuses a host at its first step when its deployment is not accepted by then, and leaves its traffic', async () => {
  const clock = new FakeClock()
  const workers = new SimulatedWorkers(clock, new SimulatedFleet(clock, { hosts: 2, boxes: 1 }), aBalancedSpec())
  workers.onFirst('deployment.planned', () => {
    workers.rules = { accept: [{ commands: ['id'] }], protections: [] }
  })

  await clock.run(workers.runToTheEnd())

  expect(workers.host('web-1').state).toMatchObject({
    status: 'failed',
    traffic: 'untouched',
    failure: { code: 'CLUSTER_REFUSED' },
  })
  expect(workers.host('web-2').state.status).toBe('pending')
})

const people = ['test', 'ada', 'bob']
const commands = fc.constantFrom<Command>(
  { command: 'pause' },
  { command: 'resume' },
  { command: 'approve' },
  { command: 'cancel', now: false },
  { command: 'retry' },
  { command: 'retry', hosts: ['web-2', 'web-3'] },
  { command: 'rollback' },
  { command: 'skip' },
)

it('keeps every deployment to the rules, whatever people ask for and command, whatever fails, wherever workers die', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        hosts: fc.integer({ min: 1, max: 6 }),
        concurrency: fc.oneof(
          fc.integer({ min: 1, max: 4 }),
          fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
        ),
        gates: fc.array(
          fc.record({
            afterWave: fc.integer({ min: 0, max: 2 }),
            wait: fc.constantFrom('approval', '1m'),
            timeout: fc.constant('1h'),
          }),
          { maxLength: 2 },
        ),
        approvals: fc.integer({ min: 1, max: 2 }),
        rule: fc.record({
          maxConcurrency: fc.integer({ min: 1, max: 3 }),
          approveOwn: fc.boolean(),
          approvals: fc.array(
            fc.record({ afterHosts: fc.integer({ min: 0, max: 3 }), people: fc.integer({ min: 1, max: 2 }) }),
            { maxLength: 1 },
          ),
        }),
        faulty: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...faults)), { maxLength: 1 }),
        given: fc.array(
          fc.record({
            actions: fc.integer({ min: 1, max: 60 }),
            command: commands,
            by: fc.constantFrom(...people),
          }),
          { maxLength: 5 },
        ),
        approvers: fc.array(fc.constantFrom(...people), { maxLength: 3 }),
        crashes: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 2 }),
      }),
      async ({ hosts, concurrency, gates, approvals, rule, faulty, given, approvers, crashes }) => {
        const clock = new FakeClock()
        const fleet = new SimulatedFleet(clock, { hosts, boxes: 1 })
        const asking = gates.map((gate) => ({ ...gate, approvals: gate.wait === 'approval' ? approvals : 1 }))
        const spec = aBalancedSpec({ acceptLowCapacity: true, concurrency, rollout: { gates: asking } })
        const workers = new SimulatedWorkers(clock, fleet, { ...spec, environment: 'production' })
        workers.rules = { protections: [ruleOf(rule)] }
        for (const [index, fault] of faulty) {
          const machine = fleet.machines.get(`web-${index}`)
          if (machine) machine.fault = fault
        }
        workers.commandAfter(given)
        workers.approveBy(...approvers)
        workers.resumeEachPauseAfter(60_000)
        workers.crashEvery(crashes)

        await clock.run(workers.runToTheEnd())
        workers.command({ command: 'retry' })
        await clock.run(workers.runToTheEnd())

        expect(Math.max(0, ...workers.mostInFlight())).toBeLessThanOrEqual(rule.maxConcurrency)
        for (const { afterHosts, people } of rule.approvals) {
          const others = (by: string) => rule.approveOwn || by !== 'test'
          expect(approversBefore(workers.events, afterHosts, others)).toBeGreaterThanOrEqual(people)
        }
      },
    ),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 300) },
  )
}, 300_000)

/** How many people had approved when one more host than these was first deployed to; enough where none was. */
function approversBefore(
  events: readonly DeploymentEvent[],
  afterHosts: number,
  counts: (by: string) => boolean,
): number {
  const started = new Set<string>()
  const approvedBy = new Set<string>()
  for (const event of events) {
    if (event.type === 'gate.approved' && counts(event.by)) approvedBy.add(event.by)
    if (event.type === 'deployment.resumed' && event.by !== undefined && counts(event.by)) approvedBy.add(event.by)
    if (event.type === 'host.claimed') started.add(event.host)
    if (started.size > afterHosts) return approvedBy.size
  }
  return Number.POSITIVE_INFINITY
}
