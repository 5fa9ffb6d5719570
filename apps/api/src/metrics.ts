import { routes, WorkerState } from '@vesemir/contract'
import { clustersOf, viewWorker, type Clock } from '@vesemir/core'
import { openMetrics, type Metrics } from '@vesemir/process/monitoring'
import type { Presence } from '@vesemir/store/presence'
import type { QueueDepth, Queues } from '@vesemir/store/queue'
import { addRedisMetrics, type RedisClient } from '@vesemir/store/redis'
import type { FastifyInstance } from 'fastify'

interface MetricsPorts {
  redis: Pick<RedisClient, 'ping' | 'info'>
  memoryLimitBytes?: number | undefined
  queues: Pick<Queues, 'readDepths'>
  presence: Pick<Presence, 'list'>
  clock: Pick<Clock, 'now' | 'startStopwatch'>
}

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What the API measures. */
export interface ApiMetrics {
  metrics: Metrics
  /** Measures requests and viewers. Called before the API has routes. */
  measure: (app: FastifyInstance) => void
}

/** Opens the metrics of an API process: its requests and viewers, and what it knows of queues and workers. */
export async function openApiMetrics(ports: MetricsPorts): Promise<ApiMetrics> {
  const { queues, presence, clock } = ports
  const metrics = await openMetrics('api')
  addQueues(metrics, queues)
  addWorkers(metrics, { presence, clock })
  addRedisMetrics(metrics, ports)
  return {
    metrics,
    measure(app) {
      addRequests(metrics, app)
      addViewers(metrics, app)
    },
  }
}

/** A route is named by its pattern: addresses have ids in them. */
function addRequests(metrics: Metrics, app: FastifyInstance): void {
  const labels = ['method', 'route', 'status_code'] as const
  const durations = metrics.histogram('vesemir_http_request_duration_seconds', 'How long answers took, by route.', {
    labels,
    buckets: requestBuckets,
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    const route = routeOptions.url ?? 'unknown'
    durations.observe({ method, route, status_code: String(reply.statusCode) }, reply.elapsedTime / 1000)
    done()
  })
}

function addViewers(metrics: Metrics, app: FastifyInstance): void {
  let eventSources = 0
  app.addHook('onRequest', (request, reply, done) => {
    const isViewer = request.routeOptions.url === routes.listEvents.path
    if (isViewer && request.headers.accept?.includes('text/event-stream')) {
      eventSources += 1
      reply.raw.once('close', () => (eventSources -= 1))
    }
    done()
  })
  metrics.gauge('vesemir_viewers', 'Viewers who follow a deployment live.', {
    labels: ['transport'],
    read: (gauge) => {
      gauge.set({ transport: 'websocket' }, app.websocketServer.clients.size)
      gauge.set({ transport: 'event-source' }, eventSources)
    },
  })
}

function addQueues(metrics: Metrics, queues: Pick<Queues, 'readDepths'>): void {
  let reading: Promise<QueueDepth[]> | undefined
  // A scrape reads both gauges at once.
  const readDepths = () => (reading ??= queues.readDepths().finally(() => (reading = undefined)))
  metrics.gauge('vesemir_queue_jobs', 'Jobs of a queue by state.', {
    labels: ['cluster', 'queue', 'state'],
    read: async (gauge) => {
      for (const depth of await readDepths())
        for (const state of ['waiting', 'active', 'delayed', 'failed'] as const)
          gauge.set({ ...placeOf(depth), state }, depth[state])
    },
  })
  metrics.gauge('vesemir_queue_oldest_job_age_seconds', 'How long the oldest job waits that no worker has taken.', {
    labels: ['cluster', 'queue'],
    read: async (gauge) => {
      for (const depth of await readDepths()) gauge.set(placeOf(depth), depth.oldestWaitingMs / 1000)
    },
  })
}

function placeOf({ cluster, name }: QueueDepth): { cluster: string; queue: string } {
  return { cluster, queue: name }
}

function addWorkers(
  metrics: Metrics,
  { presence, clock }: Pick<MetricsPorts, 'presence'> & { clock: Pick<Clock, 'now'> },
): void {
  metrics.gauge('vesemir_workers', 'Workers of a cluster by state.', {
    labels: ['cluster', 'state'],
    read: async (gauge) => {
      const workers = (await presence.list()).map((known) => viewWorker(known, clock.now()))
      for (const cluster of new Set(workers.flatMap(clustersOf)))
        for (const state of WorkerState.options) gauge.set({ cluster, state }, 0)
      for (const worker of workers)
        for (const cluster of clustersOf(worker)) gauge.inc({ cluster, state: worker.state })
    },
  })
}
