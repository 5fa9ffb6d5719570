import { durationMs } from '@vesemir/contract'
import { createArchiver, openArchiveStorage } from '@vesemir/store/archive'
import { createRedisClock, type RedisClock } from '@vesemir/store/clock'
import { createLocks } from '@vesemir/store/lock'
import { createOwners } from '@vesemir/store/owner'
import { createPresence } from '@vesemir/store/presence'
import { createQueues } from '@vesemir/store/queue'
import { createRecords } from '@vesemir/store/record'
import {
  checkInfo,
  checkRedis,
  createReplicatedWrites,
  gatherCommands,
  isFromReplica,
  logLoss,
  openRedis,
  readRedisAccess,
  reportConnectionErrors,
  reportOnce,
  type RedisClient,
  type ReplicatedWrites,
} from '@vesemir/store/redis'
import { prepareSchema } from '@vesemir/store/schema'
import { createSupervisor, exitAfter, reloadOnHangUp, runService, untilSignalled } from '@vesemir/process/lifecycle'
import type { Log } from '@vesemir/process/log'
import { createMasker } from '@vesemir/process/masking'
import { createEventLoopWatch, serveMonitoring } from '@vesemir/process/monitoring'
import { openLog } from '@vesemir/process/tracing'
import { readConfig, type WorkerConfig } from './config.ts'
import { checkHealth } from './health.ts'
import { createJobTakers, type JobTakers } from './job-takers.ts'
import { openWorkerMetrics } from './metrics.ts'
import { openCluster, startWorkers, type ClusterWork, type Shared } from './open-cluster.ts'
import { startPresence, type WorkerPresence } from './presence.ts'
import { readSeals } from './read-seals.ts'
import { startRetention } from './retention.ts'
import { startSweep } from './sweep.ts'
import { createWorkload, type Workload } from './workload.ts'

/** Jobs get 5 s to stop where they are, and the connections as long again. */
const longestShutdownMs = 10_000

const masker = createMasker()
await runService({
  variable: 'VESEMIR_WORKER_CONFIG',
  readSettings: readConfig,
  check: readFiles,
  run: (config, env) => work(config, { env, masker }),
  masker,
})

/** Reads what the settings name: keys, certificates and secrets. @throws {VesemirError} `CONFIG_INVALID` */
async function readFiles(config: WorkerConfig, env: NodeJS.ProcessEnv): Promise<void> {
  await readSeals(config, env)
  await readRedisAccess(config)
  if (config.archive) await openArchiveStorage(config.archive, { env })
}

/** Takes jobs of every cluster until a signal comes, then returns its work in progress to the queue. */
async function work(config: WorkerConfig, { env, masker }: Pick<Shared, 'env' | 'masker'>): Promise<void> {
  const { name: worker, prefix, logLevel: level } = config
  const { log, tracing } = await openLog({ program: 'worker', env, level, fields: { worker }, masker })
  const onError = reportConnectionErrors((err) => log.error({ err }, 'connection to Redis failed'))
  const seals = await readSeals(config, env)
  if (config.orders === 'unsigned') log.warn('orders are not signed: whoever can write to Redis can start deployments')
  const signalled = untilSignalled()
  using supervisor = createSupervisor(env, (err) => log.warn({ err }, 'systemd not notified'))
  await using closing = new AsyncDisposableStack()
  closing.use(tracing)
  const redis = await connectRedis(config, onError)
  closing.defer(() => redis.disconnect())
  const clock = closing.use(createRedisClock(redis))
  await Promise.race([clock.ready, signalled])
  if ((await Promise.race([checkInfo(redis), signalled])) === false)
    log.warn('Redis user may not run INFO; version not checked')
  await Promise.race([checkRedis(redis, { prefix, log, ...config.redis }), signalled])
  await Promise.race([prepareSchema(redis, { clock, prefix }), signalled])
  const clusters = Object.keys(config.clusters)
  const onInvalid = reportOnce((err) => log.error({ err }, 'invalid data in Redis'))
  const writes = config.redisReplicas && closing.use(openWrites(redis, { ...config.redisReplicas, clock }))
  const records = closing.use(createRecords(redis, { clock, seals, prefix, onInvalid, onLoss: logLoss(log), writes }))
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
    queues: closing.use(createQueues(redis, { clusters, clock, seals, prefix, onError, tracing })),
    owners: createOwners(redis, { prefix, ...records }),
    workloads: openWorkloads(config, clock),
    writes,
    tracing,
  }
  using eventLoop = createEventLoopWatch()
  if (config.metrics) shared.metrics = await openWorkerMetrics({ ...shared, ...eventLoop, ...config.redis })
  const works = shared.workloads.map((workload) => openCluster(workload, { shared, closing }))
  const { takers, presence } = startTakers(works, { shared, closing })
  const health = () => checkHealth({ ...shared, ...eventLoop, presence })
  if (config.metrics) closing.use(await serveMonitoring(config.metrics, { ...shared.metrics!, health }))
  await startUpkeep(works, { shared, closing })
  closing.use(reloadOnHangUp({ read: () => readConfig(env), replace: replaceRules(works, log), log, supervisor }))

  const sayWhenReady = async () => {
    await takers.ready()
    log.info({ clusters }, 'worker ready')
    supervisor.ready()
    return signalled
  }
  const signal = await Promise.race([signalled, sayWhenReady()])
  supervisor.stopping()
  exitAfter(longestShutdownMs)
  log.info({ signal }, 'shutting down; work in progress returns to the queue')
}

function openWrites(
  redis: RedisClient,
  { count, timeout, clock }: NonNullable<WorkerConfig['redisReplicas']> & { clock: RedisClock },
): ReplicatedWrites {
  return createReplicatedWrites(redis, { count, timeoutMs: durationMs(timeout), clock })
}

/** What is open, and what closes it. */
interface Opened {
  shared: Shared
  closing: AsyncDisposableStack
}

/** Starts to look for deployments without a job, and to archive and remove old records. */
async function startUpkeep(works: readonly ClusterWork[], { shared, closing }: Opened): Promise<void> {
  const { records, config } = shared
  const storage = config.archive && (await openArchiveStorage(config.archive, shared))
  const archiver = storage && createArchiver({ ...records, storage })
  const clusters = Object.keys(config.clusters)
  const journals = works.map(({ journal }) => journal)
  closing.use(startSweep({ ...shared, ...records, clusters: config.clusters }))
  closing.use(startRetention({ ...shared, ...records, archiver, journals, clusters, retention: config.retention }))
}

/** Makes what replaces the rules of clusters; all other settings need a restart. */
function replaceRules(works: readonly ClusterWork[], log: Log): (config: WorkerConfig) => void {
  return ({ clusters }) => {
    for (const { workload, ports } of works) {
      const { cluster } = workload
      const settings = clusters[cluster]
      if (settings) ports.rules.replace(settings)
      else log.warn({ cluster }, 'cluster is no longer in the settings: it is left after a restart')
    }
  }
}

async function connectRedis(config: WorkerConfig, onError: (error: Error) => void): Promise<RedisClient> {
  // BullMQ wants its workers' commands to wait for Redis, however long it is away.
  const reconnectOnError = (error: Error) => isFromReplica(error) && 2
  const redis = openRedis(await readRedisAccess(config), { maxRetriesPerRequest: null, reconnectOnError })
  return gatherCommands(redis).on('error', onError)
}

function openWorkloads(config: WorkerConfig, clock: RedisClock): Workload[] {
  const { maxConcurrentDeployments: maxDeployments, maxConcurrentHosts: maxHosts } = config
  return Object.keys(config.clusters).map((cluster) => createWorkload({ cluster, maxDeployments, maxHosts, clock }))
}

/** Starts to take the jobs of all clusters, and to report that this worker does. */
function startTakers(
  works: readonly ClusterWork[],
  { shared, closing }: Opened,
): { takers: JobTakers; presence: WorkerPresence } {
  const { redis, clock, onInvalid, config } = shared
  const takers = createJobTakers(() => works.flatMap(startWorkers))
  const presence = startPresence({
    ...shared,
    presence: createPresence(redis, { clock, prefix: config.prefix, onInvalid }),
    worker: config.name,

    takers,
  })
  closing.defer(async () => {
    await Promise.allSettled([takers[Symbol.asyncDispose](), presence[Symbol.asyncDispose]()])
  })
  return { takers, presence }
}
