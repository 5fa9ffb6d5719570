import type { RedisMemory, Session, WorkerView } from '@vesemir/contract'
import {
  clustersOf,
  clustersWithoutWorker,
  findGrant,
  mayInCluster,
  refuseDrain,
  subjectOf,
  VesemirError,
  viewWorker,
  type Applications,
  type Clock,
} from '@vesemir/core'
import type { Presence } from '@vesemir/store/presence'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import type { Asked } from '../access.ts'
import { json, noteForAudit } from '../audit.ts'
import { registerRoute } from '../register-route.ts'

interface WorkerPorts {
  applications: Pick<Applications, 'list'>
  presence: Presence
  queues: Pick<Queues, 'findHolds'>
  clusters: readonly string[]
  clock: Pick<Clock, 'now'>
  redisMemory?: (() => RedisMemory | undefined) | undefined
}

/** Adds what shows the workers, and what drains one. */
export function registerWorkers(app: FastifyInstance, ports: WorkerPorts): void {
  const { applications, presence, queues, clusters, clock } = ports
  const list = async () => {
    const nowMs = clock.now()
    return (await presence.list()).map((known) => viewWorker(known, nowMs))
  }
  const find = async (name: string) => {
    const workers = await list()
    const worker = workers.find((each) => each.name === name)
    if (!worker) throw unknownWorker(name)
    return { worker, workers }
  }
  const askToDrain = async ({ params: { worker: name } }: { params: { worker: string } }): Promise<Asked[]> => {
    const { worker } = await find(name)
    return clustersOf(worker).map((cluster) => ({
      action: 'drain-workers',
      subject: { cluster },
      unseen: () => unknownWorker(name),
    }))
  }
  registerRoute(app, 'listWorkers', {
    access: 'signed-in',
    async handle({ request: { caller } }) {
      const isVisible = isVisibleTo(caller)
      const visible = clusters.filter(isVisible)
      const [workers, definitions, held] = await Promise.all([list(), applications.list(), queues.findHolds(visible)])
      const without = clustersWithoutWorker(visible, workers)
      const redisMemory = findGrant(caller.grants, 'inspect', {}) && ports.redisMemory?.()
      const mayRead = ({ application, environment }: WorkerView['jobs'][number]) => {
        const definition = definitions.find(({ name }) => name === application)
        return findGrant(caller.grants, 'read', subjectOf({ application, environment }, definition)) !== undefined
      }
      return {
        workers: workers.flatMap((worker) => visibleWorker(worker, { isVisible, mayRead })),
        clustersWithoutWorker: without,
        holds: [...without.map((cluster) => ({ cluster, reason: `no worker of cluster ${cluster}` })), ...held],
        ...(redisMemory ? { redisMemory } : {}),
      }
    },
  })
  registerRoute(app, 'drainWorker', {
    access: askToDrain,
    async handle({ params, body, request }) {
      const { worker, workers } = await find(params.worker)
      refuseDrain(worker, workers)
      const drain = await presence.drain(worker.name, { ...body, by: request.caller.name })
      noteForAudit(request, { before: json(worker.drain), after: json({ worker: worker.name, ...drain }) })
      return viewWorker({ report: worker, drain }, clock.now())
    },
  })
  registerRoute(app, 'resumeWorker', {
    access: askToDrain,
    async handle({ params, request }) {
      const { worker } = await find(params.worker)
      await presence.resume(worker.name)
      noteForAudit(request, { before: json({ worker: worker.name, ...worker.drain }) })
      return viewWorker({ report: worker }, clock.now())
    },
  })
}

/** Leaves out a worker's clusters and jobs that the caller may not see; nothing is left of one without such clusters. */
function visibleWorker(
  worker: WorkerView,
  by: { isVisible: (cluster: string) => boolean; mayRead: (job: WorkerView['jobs'][number]) => boolean },
): WorkerView[] {
  const load = worker.load.filter(({ cluster }) => by.isVisible(cluster))
  return load.length === 0 ? [] : [{ ...worker, load, jobs: worker.jobs.filter(by.mayRead) }]
}

function isVisibleTo({ grants }: Session): (cluster: string) => boolean {
  return (cluster) => mayInCluster(grants, 'read', cluster)
}

function unknownWorker(name: string): VesemirError {
  return new VesemirError('WORKER_UNKNOWN', `worker ${name} not found`)
}
