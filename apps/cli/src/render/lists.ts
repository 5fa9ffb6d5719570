import type {
  AuditEntry,
  ApiToken,
  ApplicationDefinition,
  ApplicationHost,
  Deployment,
  QueueHold,
  ApplicationLock,
  WorkerView,
} from '@vesemir/contract'
import { describeGrant, sayMayRun, shouldProgress } from '@vesemir/core'
import {
  deploymentStatus,
  describeRequester,
  describeWorkerJobs,
  formatDateTime,
  quiet,
  strong,
  timeTaken,
  toned,
  workerStatuses,
  type Text,
} from '@vesemir/words'
import { table } from './table.ts'

/** Lists deployments in a table, one on each line. */
export function deploymentLines(
  deployments: readonly Deployment[],
  { nowMs, holds = [], timeZone }: { nowMs: number; holds?: readonly QueueHold[]; timeZone?: string },
): Text[] {
  return table(
    ['id', 'application', 'version', 'environment', 'status', 'hosts', 'requested', 'took', 'by'],
    deployments.map((deployment) => {
      const { id, spec, counts, plan, createdAt } = deployment
      return [
        [strong(id)],
        [spec.application],
        [spec.version],
        [spec.environment],
        [deploymentStatus(deployment), ...holdsOf(deployment, holds)],
        [plan ? `${counts.succeeded}/${plan.hosts}` : ''],
        [formatDateTime(createdAt, timeZone)],
        [timeTaken(deployment, nowMs)],
        [describeRequester(deployment)],
      ]
    }),
  )
}

function holdsOf(deployment: Deployment, holds: readonly QueueHold[]): Text {
  if (!shouldProgress({ deployment })) return []
  return holds
    .filter(({ cluster }) => cluster === deployment.spec.cluster)
    .map(({ reason }) => toned(`, ${reason}`, 'waiting'))
}

/** Lists applications in a table, one on each line. */
export function applicationLines(applications: readonly ApplicationDefinition[]): Text[] {
  return table(
    ['name', 'team', 'cluster', 'environments', 'description'],
    applications.map(({ name, team, cluster, environments, description }) => [
      [strong(name)],
      [team ?? ''],
      [cluster ?? ''],
      [environments ? Object.keys(environments).join(', ') : 'any'],
      [description ?? ''],
    ]),
  )
}

/** Lists locks in a table, one on each line. */
export function lockLines(locks: readonly ApplicationLock[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['application', 'environment', 'since', 'by', 'reason'],
    locks.map(({ application, environment, at, by, reason }) => [
      [strong(application)],
      [environment],
      [formatDateTime(at, timeZone)],
      [by],
      [reason],
    ]),
  )
}

/** Lists tokens in a table, one on each line. */
export function tokenLines(tokens: readonly ApiToken[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['name', 'owner', 'id', 'expires', 'last used', 'grants'],
    tokens.map(({ name, owner, id, expiresAt, lastUsedAt, grants }) => [
      [strong(name)],
      [owner],
      [id],
      [formatDateTime(expiresAt, timeZone)],
      [lastUsedAt === undefined ? 'never' : formatDateTime(lastUsedAt, timeZone)],
      [grants.map(describeGrant).join('; ')],
    ]),
  )
}

/** Lists entries of the audit log in a table, one on each line. */
export function auditLines(entries: readonly AuditEntry[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['at', 'who', 'action', 'about', 'outcome', 'from'],
    entries.map(({ at, who, action, subject = {}, outcome, code, address }) => [
      [formatDateTime(at, timeZone)],
      [who === '' ? quiet('nobody') : strong(who)],
      [action],
      [[subject.application, subject.environment, subject.deployment].filter(Boolean).join(' ')],
      [toned(code ?? outcome, outcome === 'succeeded' ? 'good' : 'bad')],
      [address ?? ''],
    ]),
  )
}

/** Lists hosts in a table with what runs on each; the last column says where that differs from what should. */
export function hostLines(hosts: readonly ApplicationHost[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['host', 'environment', 'inventory', 'version', 'release', 'since', 'by', 'traffic', 'drift'],
    hosts.map(({ host, environment, inInventory, runs, mayRun, traffic, drift = '' }) => [
      [strong(host)],
      [environment],
      [inInventory === undefined ? '' : inInventory ? 'yes' : toned('no', 'waiting')],
      [runs?.version ?? '', toned(doubtOf({ runs, mayRun }), 'waiting')],
      [runs?.release ?? ''],
      [runs ? formatDateTime(runs.at, timeZone) : ''],
      [runs?.deployment ?? ''],
      [traffic === 'drained' || traffic === 'partial' ? toned(traffic, 'waiting') : traffic],
      [toned(drift, 'waiting')],
    ]),
  )
}

function doubtOf({ runs, mayRun }: Pick<ApplicationHost, 'runs' | 'mayRun'>): string {
  if (mayRun) return runs ? ` (${sayMayRun(mayRun)})` : sayMayRun(mayRun)
  return runs?.isVersionProven === false ? ' (not proven)' : ''
}

/** Lists workers in a table, a line for each cluster of each. */
export function workerLines(workers: readonly WorkerView[], { timeZone }: { timeZone?: string } = {}): Text[] {
  return table(
    ['worker', 'state', 'version', 'cluster', 'deployments', 'hosts', 'since', 'last seen', 'in progress'],
    workers.flatMap(({ name, state, version, load, startedAt, seenAt, jobs }) =>
      load.map(({ cluster, deployments, maxDeployments, hosts, maxHosts }) => [
        [strong(name)],
        [workerStatuses[state]],
        [version],
        [cluster],
        [`${deployments}/${maxDeployments}`],
        [`${hosts}/${maxHosts}`],
        [formatDateTime(startedAt, timeZone)],
        [formatDateTime(seenAt, timeZone)],
        [describeWorkerJobs(jobs)],
      ]),
    ),
  )
}
