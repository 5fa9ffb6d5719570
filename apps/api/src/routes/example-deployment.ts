import {
  DeploymentSpec,
  stepNames,
  type DeploymentEvent,
  type DeploymentFact,
  type DeploymentView,
  type HostFact,
  type KeptPlan,
  type Plan,
  type StepName,
} from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'

const spec = DeploymentSpec.parse({
  application: 'payments',
  environment: 'production',
  version: '1.4.2',
  reason: 'fixes rounding',
  team: 'core',
  cluster: 'eu',
  hosts: { tags: ['app'] },
  loadBalancer: { kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['payments'] },
  changeset: {
    strategy: 'artifact',
    url: 'https://artifacts.example/payments-{version}.tar.gz',
    directory: '/srv/payments',
  },
  service: { kind: 'systemd', unit: 'payments.service' },
  healthCheck: { kind: 'http', port: 8080, path: '/healthz', expectBody: '{version}' },
})

const targetOf = (name: string, last: number) => ({
  name,
  address: `10.0.1.${last}`,
  port: 22,
  user: 'deploy',
  hostKeys: [`ssh-ed25519 ${'A'.repeat(68)}`],
})

const serverOf = (name: string, last: number) => ({
  box: 'lb-1',
  backend: 'payments',
  server: name,
  endpoint: { address: `10.0.1.${last}`, port: 8080 },
})

const inService = {
  admin: 'ready',
  health: 'up',
  checked: true,
  weight: 100,
  initialWeight: 100,
  sessions: 12,
} as const

const web1 = { ...serverOf('web-1', 11), ...inService }
const web2 = { ...serverOf('web-2', 12), ...inService }

const plan: Plan = {
  hosts: [
    { target: targetOf('web-1', 11), servers: [serverOf('web-1', 11)], wave: 1 },
    { target: targetOf('web-2', 12), servers: [serverOf('web-2', 12)], wave: 1 },
  ],
  boxes: [targetOf('lb-1', 2)],
  concurrency: 1,
  waves: [{ hosts: 2, concurrency: 1 }],
  capacity: [
    { box: 'lb-1', backend: 'payments', inService: 2, least: 1, sessions: 24, sessionsPerSecond: 8, sessionLimit: 500 },
  ],
  release: {
    strategy: 'artifact',
    id: '1.4.2-0a1b2c3d',
    url: 'https://artifacts.example/payments-1.4.2.tar.gz',
    format: 'tar.gz',
    sha256: '0a1b2c3d'.repeat(8),
    bytes: 18_350_080,
    unpackedBytes: 61_865_984,
  },
  warnings: [],
  changes: {
    running: [{ version: '1.4.1', hosts: 2 }],
    since: 'd-41',
    settings: [{ field: 'healthCheck.path', change: 'changed', before: '/', after: '/healthz' }],
    settingsCount: 1,
  },
}

/** The answer to a request for a plan. */
export const examplePlan: KeptPlan = {
  id: 'p-7',
  plan,
  servers: [web1, web2],
  steps: [
    { step: 'connect', does: 'SSH to the host and to every load balancer box, keys verified' },
    {
      step: 'guard',
      does: 'waits at most 5m until enough other servers are in service on its boxes: 1 in payments',
    },
    {
      step: 'drain',
      does: 'no new sessions, after 30s also none of sticky clients; if sessions remain after 60s, the host is put back',
    },
    {
      step: 'deploy',
      does: 'https://artifacts.example/payments-1.4.2.tar.gz (18350080 bytes) to /srv/payments/releases/1.4.2-0a1b2c3d, made current',
    },
    { step: 'restart', does: 'systemctl restart payments.service (at most 60s)' },
    {
      step: 'verify',
      does: 'GET http port 8080/healthz from the host itself returns 200 and "1.4.2", 2 times in a row, within 60s',
    },
    {
      step: 'enable',
      does: 'the load balancer must find the host healthy within 60s; then traffic at 50% of its weight',
    },
    { step: 'soak', does: '30s at 50% of its weight' },
    { step: 'restore', does: 'the weight that it had before' },
  ],
  needsYes: false,
  estimateSeconds: 210,
  expiresAt: '2026-03-01T10:30:00.000Z',
}

/** How long each step takes, in milliseconds. */
const stepMs = {
  connect: 400,
  guard: 100,
  drain: 21_000,
  deploy: 6400,
  restart: 2300,
  verify: 4100,
  enable: 8200,
  soak: 30_000,
  restore: 200,
}

type FactAfter = [afterMs: number, fact: DeploymentFact | HostFact]

const walk = (host: string, steps: readonly StepName[]) =>
  steps.flatMap((step): FactAfter[] => [
    [0, { type: 'step.started', host, step }],
    [stepMs[step], { type: 'step.ended', host, step, outcome: 'succeeded', durationMs: stepMs[step] }],
  ])

/** What has happened, each with the milliseconds since the fact before: web-1 is done, and web-2 is being drained. */
const facts: FactAfter[] = [
  [0, { type: 'deployment.queued', id: 'd-42', spec, requestedBy: 'ada' }],
  [100, { type: 'deployment.claimed', attempt: 1, worker: 'eu-1' }],
  [1900, { type: 'deployment.planned', plan, supersedes: 'd-41' }],
  [100, { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'eu-1' }],
  [0, { type: 'servers.snapshotted', host: 'web-1', servers: [web1], leftOut: false }],
  ...walk('web-1', stepNames),
  [0, { type: 'release.introduced', host: 'web-1', release: '1.4.2-0a1b2c3d', previous: '1.4.1-9f8e7d6c' }],
  [0, { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored', isVersionProven: true }],
  [100, { type: 'host.claimed', host: 'web-2', attempt: 1, worker: 'eu-1' }],
  [0, { type: 'servers.snapshotted', host: 'web-2', servers: [web2], leftOut: false }],
  ...walk('web-2', ['connect', 'guard']),
  [0, { type: 'step.started', host: 'web-2', step: 'drain' }],
]

/** A deployment in progress, as these facts make it. */
export const exampleView: DeploymentView = replay()

function replay(): DeploymentView {
  let view: DeploymentView | undefined
  let atMs = Date.parse('2026-03-01T10:00:00.000Z')
  for (const [index, [afterMs, fact]] of facts.entries()) {
    atMs += afterMs
    const event: DeploymentEvent = { ...fact, seq: index + 1, at: new Date(atMs).toISOString() }
    view = applyEvent(view, event)
  }
  return view!
}
