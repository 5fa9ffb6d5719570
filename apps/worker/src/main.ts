import { createRedisClock, type RedisClock } from '@vesemir/store/clock'
import { createJournal } from '@vesemir/store/journal'
import { createLocks } from '@vesemir/store/lock'
import { createOwners } from '@vesemir/store/owner'
import { createPresence } from '@vesemir/store/presence'
import {
  createAnswerer,
  createDeploymentWorker,
  createHostWorker,
  createNoticeWorker,
  createQueues,
  type Answers,
  type HostJob,
  type Queues,
  type QueueWorker,
} from '@vesemir/store/queue'
import { createRecords, type Records } from '@vesemir/store/record'
import { checkInfo, gatherCommands, logLoss, reportOnce, type OnInvalid } from '@vesemir/store/redis'
import type { Seals } from '@vesemir/store/seal'
import { durationMs } from '@vesemir/contract'
import type { Locks, OnBug, Owners, TrafficJournal } from '@vesemir/core'
import { exitAfter, reloadOnHangUp, runService, untilSignalled } from '@vesemir/process/lifecycle'
import { createLog, type Log } from '@vesemir/process/log'
import { createMasker, type Masker } from '@vesemir/process/masking'
import { readRedisTls } from '@vesemir/process/tls'
import { Redis } from 'ioredis'
import { answerBalancers } from './answers/balancers.ts'
import { answerDoctor } from './answers/doctor.ts'
import { answerHosts } from './answers/hosts.ts'
import { answerPlan } from './answers/plan.ts'
import { createClusterPorts, type ClusterPorts } from './cluster-ports.ts'
import { readConfig, type WorkerConfig } from './config.ts'
import { ConnectionsAhead } from './connections-ahead.ts'
import { createCoordinator } from './coordinator.ts'
import { createCurrentRules, type CurrentRules } from './current-rules.ts'
import { createHostJob } from './host-job.ts'
import { startLeftWatch } from './left-watch.ts'
import { createJobTakers, type JobTakers } from './job-takers.ts'
import { maskAnswers, maskFailures, maskRecord } from './mask-output.ts'
import { createNoticeJob } from './notice-job.ts'
import { createNotices } from './notices.ts'
import { startPresence } from './presence.ts'
import { readSeals } from './read-seals.ts'
import { startRetention } from './retention.ts'
import { startSweep } from './sweep.ts'
import { withLog } from './with-log.ts'
import { createWorkload, type Workload } from './workload.ts'

/** Jobs get 5 s to stop where they are, and the connections as long again. */
const longestShutdownMs = 10_000

/** In each cluster. People wait for the answers to questions. */
const questionsAtOnce = 5
const noticesAtOnce = 10

const masker = createMasker()
await runService({
  variable: 'VESEMIR_WORKER_CONFIG',
  readSettings: readConfig,
  check: (config, env) => Promise.all([readSeals(config, env), readRedisTls(config.redisTls)]),
  run: (config, env) => work(config, { env, masker }),
  masker,
})

/** Takes jobs of every cluster until a signal comes, then returns its work in progress to the queue. */
async function work(config: WorkerConfig, { env, masker }: Pick<Shared, 'env' | 'masker'>): Promise<void> {
  const { name: worker, prefix } = config
  const log = createLog({ level: config.logLevel, masker })
  const onError = (err: Error) => log.error({ err }, 'connection to Redis failed')
  const seals = await readSeals(config, env)
  if (config.orders === 'unsigned') log.warn('orders are not signed: whoever can write to Redis can start deployments')
  const signalled = untilSignalled()
  await using closing = new AsyncDisposableStack()
  const redis = await openRedis(config, onError)
  closing.defer(() => redis.disconnect())
  const clock = closing.use(createRedisClock(redis))
  await Promise.race([clock.ready, signalled])
  if ((await Promise.race([checkInfo(redis), signalled])) === false)
    log.warn('Redis user may not run INFO; version not checked')
  const clusters = Object.keys(config.clusters)
  const onInvalid = reportOnce((err) => log.error({ err }, 'invalid data in Redis'))
  const records = closing.use(createRecords(redis, { clock, seals, prefix, onInvalid, onLoss: logLoss(log) }))
  const shared: Shared = {
    redis,
    clock,
    seals,
    config,
    env,
    log,
    masker,
    onError,
    onInvalid,
    records,
    locks: closing.use(createLocks(redis, { clock, prefix })),
    queues: closing.use(createQueues(redis, { clusters, clock, seals, prefix, onError })),
    owners: createOwners(redis, { prefix, ...records }),
  }
  const works = Object.keys(config.clusters).map((cluster) => openCluster(cluster, { shared, closing }))
  const takers = startTakers(works, { shared, closing })
  closing.use(startSweep({ ...shared, ...records, clusters: config.clusters }))
  closing.use(
    startRetention({
      ...shared,
      ...records,
      journals: works.map(({ journal }) => journal),
      clusters,
      retention: config.retention,
    }),
  )

  closing.use(reloadOnHangUp({ read: () => readConfig(env), replace: replaceRules(works, log), log }))

  const sayWhenReady = async () => {
    await takers.ready()
    log.info({ worker, clusters }, 'worker ready')
    return signalled
  }
  const signal = await Promise.race([signalled, sayWhenReady()])
  exitAfter(longestShutdownMs)
  log.info({ signal }, 'shutting down; work in progress returns to the queue')
}

/** Makes what replaces the rules of clusters; all other settings need a restart. */
function replaceRules(works: readonly ClusterWork[], log: Log): (config: WorkerConfig) => void {
  return ({ clusters }) => {
    for (const { cluster, ports } of works) {
      const settings = clusters[cluster]
      if (settings) ports.rules.replace(settings)
      else log.warn({ cluster }, 'cluster is no longer in the settings: it is left after a restart')
    }
  }
}

async function openRedis(config: WorkerConfig, onError: (error: Error) => void): Promise<Redis> {
  const tls = await readRedisTls(config.redisTls)
  // BullMQ wants its workers' commands to wait for Redis, however long it is away.
  return gatherCommands(new Redis(config.redis, { ...tls, maxRetriesPerRequest: null })).on('error', onError)
}

/** What the workers of all clusters share. */
interface Shared {
  redis: Redis
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
}

interface ClusterWork {
  cluster: string
  ports: ClusterPorts & { rules: CurrentRules }
  ahead: ConnectionsAhead
  journal: TrafficJournal
  workload: Workload
  shared: Shared
}

/** Opens what reaches the machines of a cluster, to be closed with the process. */
function openCluster(
  cluster: string,
  { shared, closing }: { shared: Shared; closing: AsyncDisposableStack },
): ClusterWork {
  const { redis, clock, seals, config, env, masker, onInvalid, records } = shared
  const { prefix, maxConcurrentDeployments: maxDeployments, maxConcurrentHosts: maxHosts } = config
  const settings = config.clusters[cluster]!
  const journal = createJournal(redis, { clock, seals, cluster, prefix, onInvalid })
  const rules = createCurrentRules(settings)
  const ports = { ...createClusterPorts(settings, { cluster, clock, env, masker }), rules }
  closing.use(ports.loadBalancer)
  closing.use(startLeftWatch({ ...shared, ...records, journal, loadBalancer: ports.loadBalancer, cluster }))
  const ahead = closing.use(new ConnectionsAhead((purpose) => ports.remoteShell.for(purpose), clock))
  const workload = createWorkload({ cluster, maxDeployments, maxHosts, clock })
  return { cluster, ports, ahead, journal, workload, shared }
}

/** Starts to take the jobs of all clusters, and to report that this worker does. */
function startTakers(
  works: readonly ClusterWork[],
  { shared, closing }: { shared: Shared; closing: AsyncDisposableStack },
): JobTakers {
  const { redis, clock, onInvalid, config } = shared
  const takers = createJobTakers(() => works.flatMap(startWorkers))
  const presence = startPresence({
    ...shared,
    presence: createPresence(redis, { clock, prefix: config.prefix, onInvalid }),
    worker: config.name,
    workloads: works.map(({ workload }) => workload),
    takers,
  })
  closing.defer(async () => {
    await Promise.allSettled([takers[Symbol.asyncDispose](), presence[Symbol.asyncDispose]()])
  })
  return takers
}

function startWorkers({ cluster, ports, ahead, journal, workload, shared }: ClusterWork): QueueWorker[] {
  const { redis, clock, seals, config, log, masker, onError, onInvalid, records, queues, locks, owners } = shared
  const { name: worker, prefix, maxConcurrentDeployments, maxConcurrentHosts } = config
  const claims = maskRecord(records.claims, masker)
  const onBug = (err: unknown, at: Parameters<OnBug>[1] | { question: string }) =>
    log.error({ ...at, err }, 'failed by a bug in Vesemir')
  const notices = createNotices({ ...records, queues, log })
  const coordinator = createCoordinator({
    ...records,
    claims,
    queues,
    ports: { ...ports, notices, clock, onBug },
    cluster,
    worker,
    maxOrderAgeMs: maxAgeOf(config),
  })
  const hostJob = createHostJob({
    ...records,
    claims,
    ports: { ...ports, locks, journal, owners, clock, onBug },
    connections: ahead,
    worker,
  })
  const options = { cluster, seals, prefix, onError, onInvalid }
  const answers: Answers = {
    plan: (asked, signal) => answerPlan(asked, { ...records, ports, clock }, signal),
    hosts: (asked, signal) => answerHosts(asked, ports.inventory, signal),
    doctor: (asked, signal) => answerDoctor(asked, { ...records, redis, journal, ports, clock }, signal),
    balancers: (asked, signal) =>
      answerBalancers(asked, { ...records, ports: { ...ports, journal, owners, clock }, cluster }, signal),
  }
  return [
    createDeploymentWorker(redis, {
      ...options,
      concurrency: maxConcurrentDeployments,
      process: maskFailures(workload.track(withLog(log, coordinator)), masker),
    }),
    createHostWorker(redis, {
      ...options,
      concurrency: maxConcurrentHosts,
      process: maskFailures(workload.track(withLog<HostJob>(log, hostJob)), masker),
    }),
    createAnswerer(redis, {
      ...options,
      concurrency: questionsAtOnce,
      answers: maskAnswers(answers, masker),
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

/** How old an order may be when it is taken up. */
function maxAgeOf({ orders }: WorkerConfig): number {
  return orders === 'unsigned' ? Infinity : durationMs(orders.maxAge)
}
