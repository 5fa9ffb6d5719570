import type { Deployment, Grant } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, it } from 'vitest'
import type { Rules } from '../access/rules.ts'
import { newDeployment } from '../apply-event.ts'
import type { KnownApplication } from '../ports/known-applications.ts'
import { overviewFor } from './overview-for.ts'

const at = (day: number) => `2026-03-0${day}T10:00:00.000Z`
const nowMs = Date.parse(at(5))
const noRules: Rules = { protections: [] }

function aDeployment(id: string, changes: Partial<Deployment> = {}, place: object = {}): Deployment {
  const spec = aSpec(place)
  return { ...newDeployment({ type: 'deployment.queued', id, spec, requestedBy: 'ada' }, at(1)), ...changes }
}

const approval = (approvedBy?: string[]): Partial<Deployment> => ({
  state: {
    status: 'gated',
    since: at(1),
    gate: { kind: 'approval', afterWave: 1, until: at(9), ...(approvedBy ? { approvedBy } : {}) },
  },
})
const failed: Partial<Deployment> = {
  state: { status: 'failed', endedAt: at(2), failure: { code: 'INTERNAL', message: 'seeded' } },
}

function look(
  {
    ongoing = [],
    failed: failures = [],
    applications = [],
  }: Partial<Record<'ongoing' | 'failed', Deployment[]>> & { applications?: KnownApplication[] },
  { name = 'bob', grants = [{ role: 'deployer' }] as Grant[], rules = noRules } = {},
) {
  const known = { applications, locks: [], ongoing, ownFailed: failures, failed: failures }
  return overviewFor({ name, grants }, known, { rules, nowMs })
}

const needs = (...given: Parameters<typeof look>) =>
  look(...given).needs.map(({ need, deployment }) => `${need} ${deployment.id}`)

it('asks for an approval whoever may give it and has not, in an environment that lets them', () => {
  const ongoing = [aDeployment('d-1', approval()), aDeployment('d-2', approval(['bob']))]
  const another: Rules = { protections: [{ environments: ['production'], freezes: [], approveOwn: false }] as never }

  expect(needs({ ongoing })).toEqual(['approval d-1'])
  expect(needs({ ongoing }, { grants: [{ role: 'viewer' }] })).toEqual([])
  expect(needs({ ongoing }, { name: 'ada', rules: another })).toEqual([])
  expect(needs({ ongoing }, { name: 'ada' })).toEqual(['approval d-1', 'approval d-2'])
})

it('asks for a decision after failures whoever may steer, and names what someone has paused themselves', () => {
  const gate = { kind: 'failure' as const, hosts: ['web-1'], until: at(9), otherwise: 'stop' as const }
  const decision = aDeployment('d-1', { state: { status: 'gated', since: at(1), gate } })
  const paused = (by: string) => aDeployment('d-2', { state: { status: 'paused', since: at(1), by } })

  expect(needs({ ongoing: [decision, paused('bob')] })).toEqual(['decision d-1', 'paused d-2'])
  expect(needs({ ongoing: [decision, paused('eve')] }, { grants: [{ role: 'approver' }] })).toEqual([])
})

it("names someone's own failures until a newer deployment has the machines", () => {
  const superseded = aDeployment('d-1', { ...failed, supersededBy: { id: 'd-3', version: '2.0.1' } })

  expect(needs({ failed: [aDeployment('d-2', failed), superseded] }, { name: 'ada' })).toEqual(['failure d-2'])
})

const wanted = (version: string, since?: string) => ({ deployment: 'd-1', release: version, version, since })
const host = (environment: string, name: string, version: string, more: object = {}) => ({
  host: name,
  environment,
  runs: { release: version, version, deployment: `d-${version}`, at: at(1) },
  traffic: 'restored' as const,
  ...more,
})

function anApplication(changes: Partial<KnownApplication> = {}): KnownApplication {
  const definition = { name: 'payments', team: 'core', environments: { staging: {}, production: { team: 'ops' } } }
  return { definition, hosts: [], wanted: new Map(), ...changes }
}

const mayRun = { release: '1.4.2', version: '1.4.2', deployment: 'd-1.4.2', at: at(3) }

it('sums up what runs in each environment, without the hosts that a deployment is changing', () => {
  const hosts = [
    host('production', 'web-1', '1.4.0'),
    host('production', 'web-2', '1.4.0', { drift: 'expected 1.4.1', traffic: 'drained' }),
    host('production', 'web-3', '1.4.2', { drift: 'expected 1.4.1', traffic: 'drained' }),
    host('production', 'web-4', '1.4.0', { drift: 'expected 1.4.1', traffic: 'drained', mayRun }),
  ]
  const ongoing = [aDeployment('d-1.4.2', {}, { version: '1.4.2' })]

  const { places } = look({
    applications: [anApplication({ hosts, wanted: new Map([['production', wanted('1.4.1', at(3))]]) })],
    ongoing,
  })

  expect(places.map(({ environment }) => environment)).toEqual(['staging', 'production'])
  expect(places[1]).toEqual({
    application: 'payments',
    environment: 'production',
    team: 'ops',
    version: '1.4.1',
    deployment: 'd-1',
    since: at(3),
    versions: [
      { version: '1.4.0', hosts: 3 },
      { version: '1.4.2', hosts: 1 },
    ],
    drifted: ['web-2'],
    outOfRotation: ['web-2'],
    ongoing: ['d-1.4.2'],
    promotions: [],
  })
})

it.each([
  ['is named, whoever requested it', {}, undefined, 'd-3: 34 of 200'],
  [
    'is not where a newer one has its machines',
    { supersededBy: { id: 'd-4', version: '2.0.1' } },
    undefined,
    undefined,
  ],
  ['is not once a later deployment has succeeded', {}, at(3), undefined],
] as const)('a failure of a place %s', (_, changes, since, shown) => {
  const counts = { pending: 0, running: 0, succeeded: 166, failed: 30, unreachable: 4, skipped: 0, 'rolled-back': 0 }
  const plan = { hosts: 200, waves: [], warnings: [], release: { strategy: 'command', id: '2.0.0' } } as never
  const newest = aDeployment('d-3', { ...failed, counts, plan, ...changes })
  const known = new Map(since ? [['production', wanted('1.4.0', since)]] : [])

  const { places } = look({
    applications: [anApplication({ wanted: known })],
    failed: [newest, aDeployment('d-2', { ...failed, supersededBy: { id: 'd-3', version: '2.0.0' } })],
  })

  const [, { failure } = {}] = places
  expect(failure && `${failure.deployment}: ${failure.failed} of ${failure.hosts}`).toBe(shown)
})

it('shows each person the environments and deployments that their grants cover, and no others', () => {
  const ongoing = [aDeployment('d-1', {}, { environment: 'production' }), aDeployment('d-2', {}, { team: 'fin' })]

  const seen = look({ applications: [anApplication()], ongoing }, { grants: [{ role: 'viewer', teams: ['core'] }] })

  expect(seen.places.map(({ environment, ongoing: ids }) => [environment, ids])).toEqual([['staging', []]])
  expect(seen.ongoing.map(({ id }) => id)).toEqual(['d-1'])
})

it.each([
  ['a later version of staging is offered to production', { staging: ['1.5', 4], production: ['1.4', 3] }, '1.5'],
  ['the version that runs there already is not', { staging: ['1.5', 4], production: ['1.5', 3] }, undefined],
  ['nor one that staging had before it', { staging: ['1.3', 2], production: ['1.4', 3] }, undefined],
  ['the first version is', { staging: ['1.5', 4], production: undefined }, '1.5'],
  ['one is where it is not known since when it runs', { staging: ['1.5', 4], production: ['1.4', undefined] }, '1.5'],
] as const)('%s', (_, versions, promoted) => {
  const known = Object.entries(versions).flatMap(([environment, version]) =>
    version ? [[environment, wanted(version[0], version[1] && at(version[1]))] as const] : [],
  )

  const { places } = look({ applications: [anApplication({ wanted: new Map(known) })] })

  const [, production] = places
  expect(production!.promotions).toEqual(promoted ? [{ from: 'staging', version: promoted }] : [])
})
