import { setTimeout } from 'node:timers/promises'
import { isOver, VesemirError } from '@vesemir/core'
import type { RedisClient } from '../../redis/redis-client.ts'

/** What a question's job says as its progress when nobody waits for the answer any more. */
export const callerGone = 'gone'

const lookIntervalMs = 250

/** Aborts its signal when whoever asked has gone, and after `timeoutMs` at the latest. Dispose of it to look no more. */
export function watchCaller(
  redis: RedisClient,
  { key, timeoutMs }: { key: string; timeoutMs: number },
): AsyncDisposable & { signal: AbortSignal } {
  const given = new AbortController()
  const over = new AbortController()
  const watch = async () => {
    for (let leftMs = timeoutMs; leftMs > 0; leftMs -= lookIntervalMs) {
      await setTimeout(Math.min(leftMs, lookIntervalMs), undefined, { signal: over.signal })
      const progress = await redis.hget(key, 'progress')
      if (progress === JSON.stringify(callerGone)) return given.abort(timedOut('the caller has disconnected'))
    }
    given.abort(timedOut(`an answer may take ${timeoutMs / 1000} s`))
  }
  // A look that fails is the connection's: the job goes on until it is lost.
  const watching = watch().catch(() => {})
  return {
    signal: given.signal,
    async [Symbol.asyncDispose]() {
      over.abort(isOver)
      await watching
    },
  }
}

function timedOut(why: string): VesemirError {
  return new VesemirError('WORKER_TIMED_OUT', `the worker stopped an answer: ${why}`)
}
