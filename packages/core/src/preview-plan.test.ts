import type { DeploymentSpec, PlannedWave } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { describeSteps } from './describe-steps.ts'
import { estimateMs } from './estimate.ts'
import { previewPlan } from './preview-plan.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { noSecrets } from './testing/no-secrets.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'

function aSpec(changes: Parameters<typeof aBalancedSpec>[0] = {}): DeploymentSpec {
  return aBalancedSpec({
    concurrency: 2,
    changeset: { strategy: 'command', commands: ['apt-get install payments', 'true'] },
    service: { restart: 'sv restart payments' },
    healthCheck: { path: '/health' },
    ...changes,
  })
}

const nowMs = 0
const noWarnings = { warnings: [] }

describe('a preview', () => {
  it('shows hosts, servers as they are, steps and time, and changes nothing', async () => {
    const fleet = new SimulatedFleet(new FakeClock(), { hosts: 4, boxes: 2 })
    const before = structuredClone(fleet.lines)
    const spec = aSpec({ notifications: [{ to: 'ops' }, { to: 'chat' }] })

    const preview = await previewPlan(spec, portsOf(fleet), { signal, nowMs, typicalHostMs: 20_000 })

    expect(preview.plan.hosts.map(({ target }) => target.name)).toEqual(['web-1', 'web-2', 'web-3', 'web-4'])
    expect(preview.servers).toHaveLength(8)
    expect(preview.plan.capacity).toMatchObject([
      { box: 'lb-1', inService: 4, least: 2, sessions: 8 },
      { box: 'lb-2', inService: 4, least: 2, sessions: 8 },
    ])
    expect(preview.needsYes).toBe(false)
    expect(preview.servers[0]).toMatchObject({ box: 'lb-1', server: 'web-1', admin: 'ready', weight: 100 })
    expect(preview.estimateSeconds).toBe(40)
    expect(preview.plan.warnings).toEqual([
      'recipient "chat" is not configured in cluster local; it will not be notified',
    ])
    expect(fleet.lines.map(({ admin, weight }) => ({ admin, weight }))).toEqual(
      before.map(({ admin, weight }) => ({ admin, weight })),
    )
  })

  it('warns when no host could be spared as things are, in figures', async () => {
    const fleet = new SimulatedFleet(new FakeClock(), { hosts: 3, boxes: 2 })
    for (const line of fleet.lines.filter(({ host }) => host === 'web-3')) line.admin = 'maint'
    const spec = aSpec({ loadBalancer: { minHealthy: 2 } })

    const { plan } = await previewPlan(spec, portsOf(fleet), { signal, nowMs })

    expect(plan.warnings).toEqual([
      'web-3: lb-1 app/web-3 is in maint already',
      'web-1 cannot be spared now, so its guard would wait: 1 of 3 servers of app on lb-1 would stay in service, 2 needed',
    ])
  })
})

const { signal } = new AbortController()

function portsOf(fleet: SimulatedFleet) {
  const { loadBalancer, changesets, remoteShell } = fleet
  const inventory = {
    findHosts: async () => ({ hosts: fleet.targets, ...noWarnings }),
    findBoxes: async () => ({ hosts: fleet.boxes, ...noWarnings }),
  }
  return {
    tasks: { check: () => {}, run: async () => {}, call: async () => '' },
    inventory,
    loadBalancer,
    changesets,
    secrets: noSecrets,
    recipients: new Set(['ops']),
    rules: { protections: [] },
    remoteShell,
    hostHistory: { list: async () => [], readWanted: async () => ({ wanted: undefined, current: undefined }) },
    deployments: { read: async () => undefined, readView: async () => undefined, readCurrent: async () => undefined },
    clock: new FakeClock(),
  }
}

describe('steps in words', () => {
  const release = { strategy: 'command' as const, id: '2.0.0' }

  it('say what the settings say, hooks among them', () => {
    const spec = aSpec({ hooks: { beforeDrain: ['silence'], afterEnable: ['unsilence'] } })

    const steps = describeSteps(spec, release)

    expect(steps.map(({ step }) => step)).toEqual([
      'connect',
      'guard',
      'before drain',
      'drain',
      'deploy',
      'restart',
      'verify',
      'enable',
      'after enable',
      'soak',
      'restore',
    ])
    const says = Object.fromEntries(steps.map(({ step, does }) => [step, does]))
    expect(says['before drain']).toBe('silence')
    expect(says['deploy']).toBe('apt-get install payments; true')
    expect(says['verify']).toContain('port 80/health from the host itself returns 200 and "2.0.0"')
    expect(says['drain']).toContain('after 60s, the host is put back')
  })

  it('leave out what there is not without a load balancer', () => {
    const steps = describeSteps({ ...aSpec(), loadBalancer: { kind: 'none' } }, release)

    expect(steps.map(({ step }) => step)).toEqual(['connect', 'deploy', 'restart', 'verify'])
  })
})

describe('an estimate', () => {
  const wave = (hosts: number, concurrency: number): PlannedWave => ({ hosts, concurrency })

  it('counts the rounds of each wave, and the waits between waves', () => {
    const waitsMs = [
      { afterWave: 1, ms: 500 },
      { afterWave: 2, ms: 900 },
    ]

    expect(estimateMs([wave(1, 1), wave(5, 2)], { typicalHostMs: 100, waitsMs })).toBe(4 * 100 + 500)
  })
})
