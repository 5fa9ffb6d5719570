import { isVesemirError, type Clock, type RemoteSession } from '@vesemir/core'
import type { SshShell } from '@vesemir/machines/remote-shell'
import type { Deployment } from '@vesemir/contract'
import { limitValues, openMetrics, type Metrics } from '@vesemir/process/monitoring'
import { addRedisMetrics, type RedisClient } from '@vesemir/store/redis'
import type { RecordObserver } from './observe-record.ts'
import type { Workload } from './workload.ts'

/** What a worker measures of its work. */
export interface WorkerMetrics {
  metrics: Metrics
  /** Counts the ends of deployments and hosts, and the steps between. */
  record: RecordObserver
  /** Counts connections to the machines of a cluster. */
  measureShell(shell: SshShell, cluster: string): SshShell
}

interface MetricsOptions {
  workloads: readonly Workload[]
  longestDelayMs: () => number
  redis: Pick<RedisClient, 'ping' | 'info'>
  memoryLimitBytes?: number | undefined
  clock: Pick<Clock, 'startStopwatch'>
}

const stepBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]

/** Applications come from requests: beyond so many, the rest are counted as one. */
const mostApplications = 500
const mostEnvironments = 50

/** Opens the metrics of a worker. No label names a host: a fleet of thousands would be as many time series. */
export async function openWorkerMetrics({
  workloads,
  longestDelayMs,
  ...redisOptions
}: MetricsOptions): Promise<WorkerMetrics> {
  const metrics = await openMetrics('worker')
  addLoad(metrics, workloads)
  metrics.gauge('vesemir_event_loop_delay_seconds', 'The longest delay of the event loop in the last 10 to 20 s.', {
    read: (gauge) => gauge.set(longestDelayMs() / 1000),
  })
  addRedisMetrics(metrics, redisOptions)
  return { metrics, record: addRecord(metrics), measureShell: addShell(metrics) }
}

function addLoad(metrics: Metrics, workloads: readonly Workload[]): void {
  const labels = ['cluster'] as const
  const load = (name: string, help: string, of: (load: ReturnType<Workload['load']>) => number) =>
    metrics.gauge(name, help, {
      labels,
      read: (gauge) => {
        for (const each of workloads) gauge.set({ cluster: each.cluster }, of(each.load()))
      },
    })
  load('vesemir_deployments_in_progress', 'Deployments that this worker coordinates.', ({ deployments }) => deployments)
  load('vesemir_hosts_in_progress', 'Hosts that this worker walks.', ({ hosts }) => hosts)
  load('vesemir_hosts_in_progress_limit', 'Hosts that this worker walks at most.', ({ maxHosts }) => maxHosts)
}

function addRecord(metrics: Metrics): RecordObserver {
  const labels = ['application', 'environment', 'outcome'] as const
  const deployments = metrics.counter('vesemir_deployments_ended_total', 'Deployments that have ended.', labels)
  const hosts = metrics.counter('vesemir_hosts_ended_total', 'Hosts whose walk has ended.', labels)
  const steps = metrics.histogram('vesemir_step_duration_seconds', 'How long the steps of walks took.', {
    labels: ['step', 'outcome'],
    buckets: stepBuckets,
  })
  const waits = metrics.counter('vesemir_step_waits_total', 'Times that a step had to wait for something.', ['step'])
  const lost = metrics.counter('vesemir_claims_lost_total', 'Claims that became those of another worker.')
  const [application, environment] = [limitValues(mostApplications), limitValues(mostEnvironments)]
  const placeOf = ({ spec }: Deployment) => ({
    application: application(spec.application),
    environment: environment(spec.environment),
  })
  return {
    written(fact, { deployment }) {
      if (fact.type === 'deployment.ended') deployments.inc({ ...placeOf(deployment), outcome: fact.outcome })
      if (fact.type === 'host.ended') hosts.inc({ ...placeOf(deployment), outcome: fact.outcome })
      if (fact.type === 'step.ended') steps.observe({ step: fact.step, outcome: fact.outcome }, fact.durationMs / 1000)
      if (fact.type === 'step.waiting') waits.inc({ step: fact.step })
    },
    lost: () => lost.inc(),
  }
}

function addShell(metrics: Metrics): WorkerMetrics['measureShell'] {
  const open = new Map<string, number>()
  const change = (cluster: string, by: number) => open.set(cluster, (open.get(cluster) ?? 0) + by)
  const opened = metrics.counter('vesemir_ssh_connections_opened_total', 'SSH connections that were opened.', [
    'cluster',
  ])
  const failed = metrics.counter('vesemir_ssh_connection_failures_total', 'SSH connections that failed, by code.', [
    'cluster',
    'code',
  ])
  metrics.gauge('vesemir_ssh_connections', 'SSH connections that are open.', {
    labels: ['cluster'],
    read: (gauge) => open.forEach((connections, cluster) => gauge.set({ cluster }, connections)),
  })
  const connect = async <Session extends RemoteSession>(connecting: Promise<Session>, cluster: string) => {
    try {
      const session = await connecting
      opened.inc({ cluster })
      change(cluster, 1)
      void session.closed.finally(() => change(cluster, -1))
      return session
    } catch (error) {
      if (isVesemirError(error)) failed.inc({ cluster, code: error.code })
      throw error
    }
  }
  const measure = (shell: SshShell, cluster: string): SshShell => ({
    connect: (target, signal) => connect(shell.connect(target, signal), cluster),
    for: (purpose) => measure(shell.for(purpose), cluster),
  })
  return measure
}
