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
  read: () => Promise<unknown>,
) => Promise<unknown>

interface WaitPorts extends SessionPorts {
  changes: Changes
  clock: Pick<Clock, 'now' | 'startStopwatch'>
  /** Aborted when the API closes. */
  closing: AbortSignal
}

/** Proxies give up after a minute, most of them. */
const longestWaitMs = 55_000

/**
 * Makes what holds an answer back while it is the one that the client has (`If-None-Match`), for as long as the client is ready
 * to wait (`Prefer: wait`, RFC 7240, 4.3). Then the client is answered with 304. Rejects with `UNAUTHENTICATED` when the session
 * ends meanwhile.
 */
export function createAnswerWhenChanged({ changes, closing, ...ports }: WaitPorts): AnswerWhenChanged {
  return async (request, reply, read) => {
    const waitMs = waitOf(request)
    if (waitMs === 0) return read()
    using session = watchSession(request, ports)
    const signal = AbortSignal.any([session.signal, clientGone(reply)])
    const elapsedMs = ports.clock.startStopwatch()
    using listener = await changes.listen()
    for (;;) {
      const { heard } = listener
      const text = JSON.stringify(await read())
      const leftMs = waitMs - elapsedMs()
      if (!hasAlready(request, entityTagOf(text)) || leftMs <= 0 || closing.aborted)
        return reply.type('application/json; charset=utf-8').send(text)
      await listener.after(heard, { timeoutMs: leftMs, signal: AbortSignal.any([signal, closing]) }).catch(() => {})
      signal.throwIfAborted()
    }
  }
}

function waitOf({ headers }: FastifyRequest): number {
  const seconds = /(?:^|[,;\s])wait=(\d{1,4})(?=$|[,;\s])/.exec(String(headers['prefer'] ?? ''))?.[1]
  if (seconds === undefined || headers['if-none-match'] === undefined) return 0
  return Math.min(Number(seconds) * 1000, longestWaitMs)
}
