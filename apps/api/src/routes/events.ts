import { VesemirError, type Clock, type Deployments, type EventLog } from '@vesemir/core'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { askForDeployment } from '../access.ts'
import type { Access } from '../access-settings.ts'
import { calmRereadMs, wantsStream } from '../answer-when-changed.ts'
import { filterPage, type LogFilter } from '../live/filter-page.ts'
import { watchSession } from '../live/session-end.ts'
import { serveEventSource } from '../live/serve-event-source.ts'
import { serveWebSocket, type Viewing } from '../live/serve-web-socket.ts'
import { toKnownError, type RedisProbe } from '../problems.ts'
import { registerRoute, type Checked } from '../register-route.ts'

interface EventPorts {
  deployments: Pick<Deployments, 'read'>
  eventLog: EventLog
  isRedisReachable: RedisProbe
  /** Aborted when the API closes. */
  closing: AbortSignal
  heartbeatMs: number
  clock: Pick<Clock, 'now'>
  signedOut: Pick<SignedOutSessions, 'waitFor'>
  access: Pick<Access, 'replaced'>
}

interface StreamPosition {
  id: string
  after: number
  epoch?: string | undefined
  filter: LogFilter
}

/** Adds the events of a deployment: as JSON pages, as a WebSocket, and as Server-Sent Events. */
export function registerEvents(app: FastifyInstance, ports: EventPorts): void {
  const { deployments, eventLog, isRedisReachable, closing, heartbeatMs } = ports
  const view = (request: FastifyRequest, { id, after, epoch, filter }: StreamPosition): Viewing => ({
    follow: (signal) => eventLog.follow(id, { after, epoch, signal }),
    filter,
    closing,
    watchSession: () => watchSession(request, ports),
    explain: (error) => toKnownError(error, isRedisReachable),
    requestId: request.id,
  })
  const streamEvents = async (checked: Checked<'listEvents'>, place: StreamPosition) => {
    const { request, reply } = checked
    const page = await eventLog.read(place.id, { ...place, limit: 1 })
    // WHATWG HTML, 9.2.3: 204 tells a browser that has all not to come back.
    if (page.ended && page.next === place.after) return reply.status(204).send()
    const onError = (err: unknown) => request.log.warn({ err, deployment: place.id }, 'viewer lost')
    reply.headers({ 'x-accel-buffering': 'no', connection: 'close' }).type('text/event-stream')
    return reply.send(serveEventSource(view(request, place), { intervalMs: heartbeatMs, onError }))
  }
  registerRoute(app, 'listEvents', {
    access: ({ params: { id } }, caller) => askForDeployment(deployments, { action: 'read', id, caller }),
    isOfRecord: () => true,
    rereadMs: calmRereadMs,
    async handle(checked) {
      const { params, query, request } = checked
      const place = { id: params.id, ...(lastEventId(request) ?? query), filter: query }
      if (wantsStream(request)) return streamEvents(checked, place)
      return filterPage(await eventLog.read(place.id, { ...place, limit: query.limit }), query)
    },
    options: {
      // Before the handshake, so that whoever cannot be served is told why in a problem document.
      preHandler: async (request) => {
        if (!request.ws) return
        const { params, query } = request as unknown as Checked<'listEvents'>
        await eventLog.read(params.id, { ...query, limit: 1 })
      },
      wsHandler: async (socket, request) => {
        const { params, query } = request as unknown as Checked<'listEvents'>
        const failure = await serveWebSocket(socket, view(request, { ...query, id: params.id, filter: query }))
        if (failure) request.log.warn({ err: failure, deployment: params.id }, 'viewer lost')
      },
    },
  })
}

/** Where a browser's EventSource was when its connection broke: the number of an event, and its epoch. */
function lastEventId({ headers }: FastifyRequest): Pick<StreamPosition, 'after' | 'epoch'> | undefined {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return undefined
  const [whole, after, epoch] = /^(\d{1,15})(?:@([0-9a-f]{1,32}))?$/.exec(String(id)) ?? []
  if (whole !== undefined) return { after: Number(after), epoch }
  const message = `${JSON.stringify(id)} is not the number of an event`
  throw new VesemirError('REQUEST_INVALID', `Last-Event-ID: ${message}`, {
    details: { errors: [{ field: 'last-event-id', message }] },
  })
}
