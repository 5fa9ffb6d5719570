import { createJournal } from '@vesemir/store/journal'
import {
  createAnswerer,
  createDeploymentWorker,
  createHostWorker,
  createNoticeWorker,
  type Answers,
  type HostJob,
  type Queues,
  type QueueWorker,
} from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import type { OnInvalid, RedisClient, ReplicatedWrites } from '@vesemir/store/redis'
import type { RedisClock } from '@vesemir/store/clock'
import { digestBy, type Seals } from '@vesemir/store/seal'
import { createMarks } from '@vesemir/machines/mark'
import type { SshShell } from '@vesemir/machines/remote-shell'
import { durationMs } from '@vesemir/contract'
import type { HostPorts, Locks, OnBug, Owners, TrafficJournal } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import type { Masker } from '@vesemir/process/masking'
import type { Tracing } from '@vesemir/process/tracing'
import { answerBalancers } from './answers/balancers.ts'
import { answerDoctor } from './answers/doctor.ts'
import { answerHosts } from './answers/hosts.ts'
import { answerPlan } from './answers/plan.ts'
import { answerRecovery } from './answers/recovery.ts'
import { createClusterPorts, type ClusterPorts } from './cluster-ports.ts'
import type { WorkerConfig } from './config.ts'
import { ConnectionsAhead } from './connections-ahead.ts'
import { createCoordinator } from './coordinator.ts'
import { createCurrentRules, type CurrentRules } from './current-rules.ts'
import { createHostJob } from './host-job.ts'
import { startLeftWatch } from './left-watch.ts'
import { maskAnswers, maskFailures, maskRecord } from './mask-output.ts'
import type { WorkerMetrics } from './metrics.ts'
import { createNoticeJob } from './notice-job.ts'
import { createNotices } from './notices.ts'
import { logRecord } from './log-record.ts'
import { observeRecord } from './observe-record.ts'
import { traceBalancer } from './trace-balancer.ts'
import { traceJob } from './trace-job.ts'
import { traceRecord } from './trace-record.ts'
import { traceShell } from './trace-shell.ts'
import { withLog } from './with-log.ts'
import type { Workload } from './workload.ts'

/** In each cluster. People wait for the answers to questions. */
const questionsAtOnce = 5
const noticesAtOnce = 10

/** What the workers of all clusters share. */
export interface Shared {
  redis: RedisClient
  clock: RedisClock
  seals: Seals
  config: WorkerConfig
  env: NodeJS.ProcessEnv
  log: Log
  masker: Masker
  onError: (error: Error) => void
  onInvalid: OnInvalid
  records: Records
  locks: Locks
  queues: Queues
  owners: Owners
  /** What a fail-over must not lose is written by these, where replicas are demanded. */
  writes?: ReplicatedWrites | undefined
  /** What is in progress in each cluster. */
  workloads: readonly Workload[]
  metrics?: WorkerMetrics | undefined
  tracing?: Tracing | undefined
}

/** The work of one cluster. */
export interface ClusterWork {
  ports: ClusterPorts & { rules: CurrentRules } & Pick<HostPorts, 'marks' | 'epoch'>
  ahead: ConnectionsAhead
  journal: TrafficJournal
  workload: Workload
  shared: Shared
}

/** Opens what reaches the machines of a cluster, to be closed with the process. */
export function openCluster(
  workload: Workload,
  { shared, closing }: { shared: Shared; closing: AsyncDisposableStack },
): ClusterWork {
  const { redis, clock, seals, config, env, masker, onInvalid, records, metrics, tracing, writes } = shared
  const { cluster } = workload
  const { prefix } = config
  const settings = config.clusters[cluster]!
  const journal = createJournal(redis, { clock, seals, cluster, prefix, onInvalid, writes })
  const rules = createCurrentRules(settings)
  const observeShell = (shell: SshShell) => {
    const measured = metrics?.measureShell(shell, cluster) ?? shell
    return tracing ? traceShell(measured, tracing) : measured
  }
  const ports = {
    ...createClusterPorts(settings, { cluster, clock, env, masker, digest: digestBy(seals.record), observeShell }),
    marks: createMarks({ seal: seals.record }),
    epoch: records.epoch,
    rules,
  }
  closing.use(ports.loadBalancer)
  closing.use(startLeftWatch({ ...shared, ...records, journal, loadBalancer: ports.loadBalancer, cluster }))
  const ahead = closing.use(new ConnectionsAhead((purpose) => ports.remoteShell.for(purpose), clock))
  return { ports, ahead, journal, workload, shared }
}

/** Starts to take the jobs of a cluster. */
export function startWorkers(work: ClusterWork): QueueWorker[] {
  const { ports, ahead, journal, workload, shared } = work
  const { cluster } = workload
  const { redis, clock, seals, config, masker, onError, onInvalid, records, queues, locks, owners } = shared
  const { metrics, tracing } = shared
  const log = shared.log.child({ cluster })
  const { name: worker, prefix, maxConcurrentDeployments, maxConcurrentHosts } = config
  const observers = [logRecord(log), ...(metrics ? [metrics.record] : []), ...(tracing ? [traceRecord(tracing)] : [])]
  const traced = { tracing, cluster, worker }
  const loadBalancer = tracing ? traceBalancer(ports.loadBalancer, tracing) : ports.loadBalancer
  const claims = observeRecord(maskRecord(records.claims, masker), observers)
  const onBug = (err: unknown, at: Parameters<OnBug>[1] | { question: string }) =>
    log.error({ ...at, err }, 'failed by a bug in Vesemir')
  const notices = createNotices({ ...records, queues, log })
  const coordinator = createCoordinator({
    ...records,
    claims,
    queues,
    ports: { ...ports, ...records, loadBalancer, notices, clock, onBug },
    cluster,
    worker,
    maxOrderAgeMs: maxAgeOf(config),
  })
  const hostJob = createHostJob({
    ...records,
    claims,
    ports: { ...ports, loadBalancer, locks, journal, owners, clock, onBug },
    connections: ahead,
    worker,
  })
  const options = { cluster, seals, prefix, onError, onInvalid }
  return [
    createDeploymentWorker(redis, {
      ...options,
      concurrency: maxConcurrentDeployments,
      process: maskFailures(workload.track(traceJob(withLog(log, coordinator), traced)), masker),
    }),
    createHostWorker(redis, {
      ...options,
      concurrency: maxConcurrentHosts,
      process: maskFailures(workload.track(traceJob(withLog<HostJob>(log, hostJob), traced)), masker),
    }),
    createAnswerer(redis, {
      ...options,
      concurrency: questionsAtOnce,
      answers: maskAnswers(answersOf(work), masker),
      onBug,
      clock,
    }),
    createNoticeWorker(redis, {
      ...options,
      concurrency: noticesAtOnce,
      process: maskFailures(createNoticeJob({ ...ports, url: config.url, log }), masker),
    }),
  ]
}

/** What answers people's questions about the machines of a cluster. */
function answersOf({ ports: machines, journal, workload: { cluster }, shared }: ClusterWork): Answers {
  const { redis, clock, config, records, owners } = shared
  const ports = { ...machines, ...records, journal, owners, clock }
  return {
    plan: (asked, signal) => answerPlan(asked, { ports }, signal),
    hosts: (asked, signal) => answerHosts(asked, ports.inventory, signal),
    doctor: (asked, signal) =>
      answerDoctor(asked, { ...records, ...config.redis, redis, prefix: config.prefix, journal, ports, clock }, signal),
    balancers: (asked, signal) => answerBalancers(asked, { ...records, ports, cluster }, signal),
    recovery: (asked, signal) => answerRecovery(asked, ports, signal),
  }
}

/** How old an order may be when it is taken up. */
function maxAgeOf({ orders }: WorkerConfig): number {
  return orders === 'unsigned' ? Infinity : durationMs(orders.maxAge)
}
