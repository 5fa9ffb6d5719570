import { ClusterProtection, type DeploymentSpec, type HostTarget } from '@vesemir/contract'
import { aBalancedSpec, aSpec } from '@vesemir/contract/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planWaves } from '../plan-waves.ts'
import { brokenFloors } from './floors.ts'

type Given = Parameters<typeof aBalancedSpec>[0]

const approval = { wait: 'approval' as const }

test.each<[string, object, Given, string[]]>([
  ['enough', { maxConcurrency: 2 }, { concurrency: 2 }, []],
  ['more at once', { maxConcurrency: 2 }, { concurrency: [1, 3, '10%'] }, ['concurrency[1]', 'concurrency[2]']],
  ['one host, which any percentage is', { maxConcurrency: '10%' }, { concurrency: 1 }, []],
  ['two hosts, which may be more than a percentage', { maxConcurrency: '10%' }, { concurrency: 2 }, ['concurrency']],
  ['more failures', { maxFailures: 1 }, { rollout: { maxFailures: 2 } }, ['rollout.maxFailures']],
  ['no failures', { maxFailures: '5%' }, { rollout: { maxFailures: 0 } }, []],
  ['fewer servers', { minHealthy: '50%' }, { loadBalancer: { minHealthy: '40%' } }, ['loadBalancer.minHealthy']],
  [
    'fewer servers in one backend',
    { minHealthy: 2 },
    { loadBalancer: { minHealthy: 2, backends: ['app', { name: 'api', minHealthy: 1 }] } },
    ['loadBalancer.backends.api.minHealthy'],
  ],
  ['no approval', { approvals: [{ afterHosts: 0 }] }, { rollout: { gates: [approval] } }, ['rollout.gates']],
  ['approval before the first host', { approvals: [{ afterHosts: 0 }] }, gated({ afterWave: 0 }), []],
  ['approval by too few', { approvals: [{ afterHosts: 1, people: 2 }] }, gated({ afterWave: 0 }), ['rollout.gates']],
  ['approval after a canary', { approvals: [{ afterHosts: 1 }] }, { ...gated({}), concurrency: [1, '50%'] }, []],
  ['approval after none, as all are one wave', { approvals: [{ afterHosts: 1 }] }, gated({}), ['rollout.gates']],
  [
    'approval after too many',
    { approvals: [{ afterHosts: 2 }] },
    { ...gated({ afterWave: 2 }), concurrency: [1, 2] },
    ['rollout.gates'],
  ],
  [
    'a pause in place of approval',
    { approvals: [{ afterHosts: 0 }] },
    gated({ afterWave: 0, wait: '1h' }),
    ['rollout.gates'],
  ],
])('of a spec with %s, %j breaks in %j: %j', (_, rule, spec, fields) => {
  const broken = brokenFloors(aBalancedSpec(spec), ClusterProtection.parse({ environments: ['*'], ...rule }))

  expect(broken.map(({ field }) => field)).toEqual(fields)
})

test('without a load balancer no server is kept in service', () => {
  const rule = ClusterProtection.parse({ environments: ['*'], minHealthy: 1 })

  expect(brokenFloors(aSpec(), rule)).toEqual([
    { field: 'loadBalancer.kind', message: 'none keeps no server in service; at least 1 must stay' },
  ])
})

test('what breaks no floor keeps it for every number of hosts', () => {
  const amount = (least: number) =>
    fc.oneof(
      fc.integer({ min: least, max: 9 }),
      fc.integer({ min: 1, max: 100 }).map((of) => `${of}%`),
    )
  const pace = fc.oneof(amount(1), fc.array(amount(1), { minLength: 1, maxLength: 3 }))
  const gate = fc.record({
    afterWave: fc.integer({ min: 0, max: 3 }),
    wait: fc.constantFrom('approval', '1m'),
    approvals: fc.constant(1),
  })
  const rule = fc.record({ maxConcurrency: amount(1), maxFailures: amount(0), afterHosts: amount(0) })
  const order = fc.constantFrom('name' as const, 'zone' as const)
  const names = fc.array(fc.constantFrom('a', 'b', undefined), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(
      rule,
      pace,
      fc.array(gate, { maxLength: 2 }),
      amount(0),
      order,
      names,
      (rules, concurrency, gates, maxFailures, by, zones) => {
        const spec = aBalancedSpec({ concurrency, rollout: { gates, maxFailures, order: { by } } })
        const { afterHosts, ...others } = rules
        const protection = ClusterProtection.parse({ environments: ['*'], ...others, approvals: [{ afterHosts }] })
        if (brokenFloors(spec, protection).length > 0) return

        const { waves } = planWaves(zones.map(hostIn), { pace: concurrency, order: spec.rollout.order, seed: 'x' })

        const all = zones.length
        // More than all hosts are all hosts.
        const inFlight = Math.min(all, Math.max(...waves.map((wave) => wave.concurrency)))
        const failures = Math.min(all, countOf(maxFailures, all))
        expect(inFlight).toBeLessThanOrEqual(Math.max(1, countOf(rules.maxConcurrency, all)))
        expect(failures).toBeLessThanOrEqual(countOf(rules.maxFailures, all))
        expect(hostsBeforeApproval(spec, waves)).toBeLessThanOrEqual(
          afterHosts === 0 ? 0 : Math.max(1, countOf(afterHosts, all)),
        )
      },
    ),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 2000) },
  )
})

function gated(gate: object): Given {
  return { rollout: { gates: [{ ...approval, ...gate }] } }
}

function hostIn(zone: string | undefined, index: number): HostTarget {
  const name = `web-${index}`
  return { name, address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [], ...(zone === undefined ? {} : { zone }) }
}

function countOf(amount: number | string, all: number): number {
  return typeof amount === 'number' ? amount : Math.floor((all * Number.parseInt(amount, 10)) / 100)
}

/** As the rollout goes through its waves: a gate after the last one is never asked. */
function hostsBeforeApproval({ rollout }: DeploymentSpec, waves: readonly { hosts: number }[]): number {
  const gates = rollout.gates.filter(({ wait }) => wait === 'approval').map(({ afterWave }) => afterWave)
  const until = Math.min(waves.length, ...gates)
  return waves.slice(0, until).reduce((sum, { hosts }) => sum + hosts, 0)
}
