import type { Changes, Clock } from '@vesemir/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { clientGone } from './client-gone.ts'
import { entityTagOf, hasAlready } from './entity-tags.ts'
import { watchSession, type SessionPorts } from './live/session-end.ts'

declare module 'fastify' {
  interface FastifyInstance {
    answerWhenChanged: AnswerWhenChanged
  }
}

/** Answers a request that may wait until its answer has changed. */
export type AnswerWhenChanged = (
  request: FastifyRequest,
  reply: FastifyReply,
  answer: { read: () => Promise<unknown>; rereadMs?: number | undefined },
) => Promise<unknown>

interface WaitPorts extends SessionPorts {
  changes: Changes
  clock: Pick<Clock, 'now' | 'sleep' | 'startStopwatch'>
  /** Aborted when the API closes. */
  closing: AbortSignal
}

/** Proxies give up after a minute, most of them. */
const longestWaitMs = 55_000

/** For answers that cost much, or that many wait for: twice what readings of the record are shared for. */
export const calmRereadMs = 2000

/**
 * Makes what holds an answer back while it is the one that the client has (`If-None-Match`), for as long as the client is ready
 * to wait (`Prefer: wait`, RFC 7240, 4.3). Then the client is answered with 304. Rejects with `UNAUTHENTICATED` when the session
 * ends meanwhile.
 */
export function createAnswerWhenChanged({ changes, closing, clock, ...ports }: WaitPorts): AnswerWhenChanged {
  return async (request, reply, { read, rereadMs = 0 }) => {
    const waitMs = waitOf(request)
    if (waitMs === 0) return read()
    using session = watchSession(request, { clock, ...ports })
    const signal = AbortSignal.any([session.signal, clientGone(reply)])
    const elapsedMs = clock.startStopwatch()
    const ending = AbortSignal.any([signal, closing])
    using listener = await changes.listen()
    for (let before: number | undefined; ;) {
      const { heard } = listener
      const text = JSON.stringify(await read())
      const leftMs = waitMs - elapsedMs()
      if (!hasAlready(request, entityTagOf(text)) || leftMs <= 0 || closing.aborted)
        return reply.type('application/json; charset=utf-8').send(text)
      // What was read may have been shared, and be older than the last change.
      const isCurrent = rereadMs === 0 || heard === before
      before = heard
      if (isCurrent) await listener.after(heard, { timeoutMs: leftMs, signal: ending }).catch(() => {})
      await clock.sleep(Math.min(rereadMs, Math.max(0, waitMs - elapsedMs())), ending).catch(() => {})
      signal.throwIfAborted()
    }
  }
}

/** Whether a request wants events as they happen, not an answer. */
export function wantsStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/event-stream') ?? false
}

function waitOf(request: FastifyRequest): number {
  const { headers } = request
  if (wantsStream(request)) return 0
  const seconds = /(?:^|[,;\s])wait=(\d{1,4})(?=$|[,;\s])/.exec(String(headers['prefer'] ?? ''))?.[1]
  if (seconds === undefined || headers['if-none-match'] === undefined) return 0
  return Math.min(Number(seconds) * 1000, longestWaitMs)
}
