import type { VesemirError } from '@vesemir/core'
import { setTimeout } from 'node:timers/promises'

/** A failure after which another try may do: the error to tell when it does not, and how long the server asks to be left alone. */
export class PassingFailure extends Error {
  override readonly name = 'PassingFailure'
  readonly told: VesemirError
  readonly retryAfterMs: number

  constructor(told: VesemirError, { retryAfterMs = 0 }: { retryAfterMs?: number | undefined } = {}) {
    super(told.message, { cause: told })
    this.told = told
    this.retryAfterMs = retryAfterMs
  }
}

// A server that restarts is back within seconds; one that asks for a pause is given it, up to a limit.
const retryDelaysMs = [500, 1000, 2000, 4000]
const longestDelayMs = 60_000

/**
 * Tries a task again after a `PassingFailure`, four times with longer and longer pauses; for as long as a try comes further than
 * those before it, the count begins again.
 */
export async function retried<Result>(
  task: () => Promise<Result>,
  { signal, reached = () => 0 }: { signal: AbortSignal; reached?: () => number },
): Promise<Result> {
  let furthest = 0
  for (let failures = 0; ;) {
    try {
      return await task()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof PassingFailure)) throw error
      if (reached() > furthest) failures = 0
      furthest = Math.max(furthest, reached())
      const delayMs = retryDelaysMs[failures]
      if (delayMs === undefined) throw error.told
      failures += 1
      await setTimeout(Math.max(delayMs, Math.min(error.retryAfterMs, longestDelayMs)), undefined, { signal })
    }
  }
}
