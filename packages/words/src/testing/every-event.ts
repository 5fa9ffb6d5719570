import type { DeploymentEvent, DeploymentFact, HostFact, LogFact, ServersFigures, TaskLogFact } from '@vesemir/contract'
import { planned, queued } from '@vesemir/core/testing'

type Fact = DeploymentFact | HostFact | LogFact | TaskLogFact

const figures = (servers: number, given: Partial<ServersFigures>): ServersFigures => ({
  servers,
  requests: 0,
  serverErrors: 0,
  connectionErrors: 0,
  responseTimeMs: 0,
  sessions: 0,
  ...given,
})

/** One event of each kind; the compiler asks for the ones that are added. */
export const everyEvent: { readonly [Type in DeploymentEvent['type']]: Extract<Fact, { type: Type }> } = {
  'deployment.queued': queued({ reason: 'hotfix' }),
  'deployment.claimed': { type: 'deployment.claimed', attempt: 1, worker: 'worker-1' },
  'deployment.planned': planned(['web-1'], ['web-2', 'web-3']),
  'deployment.waiting': { type: 'deployment.waiting', waitingFor: 'd-41 (payments to production, by bob)' },
  'deployment.commanded': {
    type: 'deployment.commanded',
    command: { command: 'cancel', now: true, reason: 'wrong build' },
    by: 'ada',
  },
  'command.refused': {
    type: 'command.refused',
    failure: { code: 'DEPLOYMENT_SUPERSEDED', message: 'd-42 is superseded by d-43 (2.1.0)' },
    by: 'ada',
    follows: 4,
  },
  'deployment.superseded': { type: 'deployment.superseded', by: 'd-43', version: '2.1.0' },
  'deployment.paused': { type: 'deployment.paused', by: 'ada' },
  'deployment.gated': {
    type: 'deployment.gated',
    gate: { kind: 'approval', afterWave: 1, until: '2026-03-01T15:14:05.000Z' },
  },
  'gate.approved': { type: 'gate.approved', by: 'ada', follows: 4 },
  'deployment.resumed': { type: 'deployment.resumed', by: 'ada' },
  'hosts.requeued': { type: 'hosts.requeued', hosts: ['web-1', 'web-2'], intent: 'rollback', by: 'ada' },
  'deployment.ended': {
    type: 'deployment.ended',
    outcome: 'failed',
    failure: { code: 'HOSTS_FAILED', message: 'hosts: 1 failed, 2 succeeded', hint: 'See why: vesemir status ID.' },
  },
  'host.claimed': { type: 'host.claimed', host: 'web-1', attempt: 2, worker: 'worker-2' },
  'host.turned': { type: 'host.turned', host: 'web-1', intent: 'rollback', why: 'web-1 was not healthy in 60s' },
  'step.started': { type: 'step.started', host: 'web-1', step: 'deploy' },
  'step.waiting': { type: 'step.waiting', host: 'web-1', step: 'drain', waitingFor: '2 sessions to end' },
  'step.ended': {
    type: 'step.ended',
    host: 'web-1',
    step: 'drain',
    outcome: 'succeeded',
    durationMs: 4120,
    note: '4 sessions ended',
  },
  'servers.located': { type: 'servers.located', host: 'web-1', servers: [], cause: 'now lb1 app/srv2' },
  'servers.snapshotted': { type: 'servers.snapshotted', host: 'web-1', servers: [], leftOut: true },
  'servers.seen': {
    type: 'servers.seen',
    host: 'web-1',
    servers: [
      {
        box: 'lb1',
        backend: 'payments',
        server: 'web-1',
        admin: 'drain',
        health: 'up',
        checked: true,
        weight: 100,
        initialWeight: 100,
        sessions: 3,
      },
    ],
  },
  'servers.returned': { type: 'servers.returned', host: 'web-1', servers: [], cause: 'lb1 was reloaded' },
  'release.seen': { type: 'release.seen', host: 'web-1', release: '1.9.0-77aa' },
  'release.introduced': {
    type: 'release.introduced',
    host: 'web-1',
    release: '2.0.0-ab12',
    previous: '1.9.0-77aa',
  },
  'release.reverted': { type: 'release.reverted', host: 'web-1', release: '1.9.0-77aa' },
  'host.ended': {
    type: 'host.ended',
    host: 'web-1',
    outcome: 'failed',
    traffic: 'drained',
    failure: {
      code: 'HEALTH_CHECK_FAILED',
      message: 'web-1 was not healthy in 60s',
      hint: 'vesemir logs ID --host HOST',
    },
  },
  'task.started': { type: 'task.started', task: 'migrate', on: 'web-1' },
  'task.ended': {
    type: 'task.ended',
    task: 'migrate',
    outcome: 'failed',
    durationMs: 4100,
    failure: {
      code: 'COMMAND_FAILED',
      message: 'bin/migrate exited with 1 on web-1',
      hint: 'vesemir logs ID --host HOST',
    },
  },
  'peers.compared': {
    type: 'peers.compared',
    lengthMs: 5000,
    backends: [
      {
        backend: 'payments',
        updated: figures(1, { requests: 100, serverErrors: 12, responseTimeMs: 85, sessions: 4 }),
        peers: figures(3, { requests: 900, serverErrors: 1, responseTimeMs: 21, sessions: 30 }),
      },
    ],
  },
  'task.logged': { type: 'task.logged', task: 'migrate', lines: [{ stream: 'stdout', text: 'added a column' }] },
  'log.appended': {
    type: 'log.appended',
    host: 'web-1',
    step: 'deploy',
    lines: [{ stream: 'stdout', text: 'unpacked' }],
  },
}

/** What each of those events says. */
export const everySentence: { readonly [Type in DeploymentEvent['type']]: string | undefined } = {
  'deployment.queued': 'payments 2.0.0 to production, requested by ada: hotfix',
  'deployment.claimed': 'planning on worker-1',
  'deployment.planned': 'planned: 3 hosts in 2 waves',
  'deployment.waiting': 'waiting for d-41 (payments to production, by bob)',
  'deployment.commanded': 'cancel now requested by ada: wrong build',
  'command.refused': 'refused the command of ada: d-42 is superseded by d-43 (2.1.0) (DEPLOYMENT_SUPERSEDED)',
  'deployment.superseded': 'superseded by d-43 (2.1.0)',
  'deployment.paused': 'paused by ada; no more hosts are started',
  'deployment.gated': 'waiting for approval after wave 1 until 15:14:05 UTC',
  'gate.approved': 'approved by ada; more approvals are needed',
  'deployment.resumed': 'resumed by ada',
  'hosts.requeued': 'rolling back 2 hosts, requested by ada: web-1, web-2',
  'deployment.ended': 'failed after 2.0s: hosts: 1 failed, 2 succeeded (HOSTS_FAILED)',
  'host.claimed': 'taken over by worker-2, attempt 2',
  'host.turned': 'rolling back: web-1 was not healthy in 60s',
  'step.started': 'deploying 2.0.0-ab12',
  'step.waiting': 'waiting for 2 sessions to end',
  'step.ended': 'done in 4.1s: 4 sessions ended',
  'servers.located': 'servers changed: now lb1 app/srv2',
  'servers.snapshotted': 'left out of rotation by an earlier deployment',
  'servers.seen': 'lb1 DRAIN 3 sessions',
  'servers.returned': 'unexpectedly back in rotation: lb1 was reloaded',
  'release.seen': 'host reports 1.9.0-77aa as its current release',
  'release.introduced': 'release 2.0.0-ab12 in place, previous 1.9.0-77aa',
  'release.reverted': 'release 1.9.0-77aa is current again',
  'host.ended': 'failed: web-1 was not healthy in 60s (HEALTH_CHECK_FAILED); receives no traffic',
  'task.started': 'task migrate on web-1',
  'task.ended': 'task migrate failed after 4.1s: bin/migrate exited with 1 on web-1 (COMMAND_FAILED)',
  'peers.compared': undefined,
  'task.logged': undefined,
  'log.appended': undefined,
}
