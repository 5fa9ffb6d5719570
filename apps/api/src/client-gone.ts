import type { FastifyReply } from 'fastify'

/**
 * Gives a signal that is aborted when the caller has gone before it was answered. `request.signal` is aborted as soon as a
 * request with a body has been read.
 */
export function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(new Error('the caller has disconnected'))
  })
  return gone.signal
}
