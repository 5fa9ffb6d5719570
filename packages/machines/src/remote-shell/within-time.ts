/** The time for something was up. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'
}

const longestTimerMs = 2 ** 31 - 1

/**
 * Runs a task that must end within a time and when its caller gives up. At either moment it rejects, with `TimeUp` or the
 * signal's reason, without waiting for the task; the task's own signal tells it to clean up. Leaves no timer or listener.
 */
export async function withinTime<Result>(
  limits: { timeoutMs: number; signal?: AbortSignal | undefined },
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  limits.signal?.throwIfAborted()
  const controller = new AbortController()
  const cutOff = Promise.withResolvers<never>()
  const stop = (reason: unknown) => {
    cutOff.reject(reason)
    controller.abort(reason)
  }
  const giveUp = () => stop(limits.signal?.reason)
  const timer = setTimeout(() => stop(new TimeUp()), Math.min(limits.timeoutMs, longestTimerMs))
  limits.signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([task(controller.signal), cutOff.promise])
  } finally {
    clearTimeout(timer)
    limits.signal?.removeEventListener('abort', giveUp)
  }
}

/** Waits for a promise that others may wait for too; when the signal is aborted, rejects with its reason and lets it be. */
export async function untilAborted<Result>(promise: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  signal?.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(signal?.reason)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}
