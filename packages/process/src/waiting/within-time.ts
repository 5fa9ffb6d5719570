/** The time for something was up. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'
}

/** A timer that is set for longer is over at once. */
export const longestTimerMs = 2 ** 31 - 1

/**
 * Runs a task that must end within a time and when its caller gives up. At either moment it rejects, with `TimeUp` or the
 * signal's reason, without waiting for the task; the task's own signal tells it to clean up. Leaves no timer or listener.
 */
export async function withinTime<Result>(
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const cutOff = Promise.withResolvers<never>()
  // First: what the task makes of its signal must not be taken for its end.
  const stop = (reason: unknown) => {
    cutOff.reject(reason)
    controller.abort(reason)
  }
  const timer = setTimeout(() => stop(new TimeUp()), Math.min(timeoutMs, longestTimerMs))
  const giveUp = () => stop(signal?.reason)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([task(controller.signal), cutOff.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}
