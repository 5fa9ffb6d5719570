import { isVesemirError, VesemirError } from './errors.ts'
import { isOver } from './is-over.ts'
import type { Clock } from './ports/clock.ts'
import type { DeploymentClaim } from './ports/deployment-claim.ts'

/** How often a worker asks whether a deployment is still its own. */
const intervalMs = 500

/**
 * How long a worker without an answer may take a deployment for its own. The queue gives a job to another 6 s after its lock was
 * renewed, which is done every 3 s: so 3 s after the last answer at the earliest.
 */
const longestUnsureMs = 2500

/**
 * Does what another worker that takes over begins again, and stops it before that can be: when the claim is lost, and when Redis
 * does not say for too long whether it is.
 * @throws {VesemirError} `FENCE_LOST`, `LOCK_LOST`, and what the action throws
 */
export async function whileSure<Result>(
  claim: Pick<DeploymentClaim, 'check'>,
  { clock, signal }: { clock: Pick<Clock, 'sleep' | 'startStopwatch'>; signal: AbortSignal },
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController()
  const unsure = new AbortController()
  const watching = watch(claim, { clock, over: over.signal, stop: (error) => unsure.abort(error) }).catch(() => {})
  try {
    return await action(AbortSignal.any([signal, unsure.signal]))
  } catch (error) {
    signal.throwIfAborted()
    unsure.signal.throwIfAborted()
    throw error
  } finally {
    over.abort(isOver)
    await watching
  }
}

async function watch(
  claim: Pick<DeploymentClaim, 'check'>,
  {
    clock,
    over,
    stop,
  }: { clock: Pick<Clock, 'sleep' | 'startStopwatch'>; over: AbortSignal; stop: (why: unknown) => void },
): Promise<void> {
  let sinceSureMs = clock.startStopwatch()
  let isAsking = false
  const ask = async () => {
    const askedMs = clock.startStopwatch()
    isAsking = true
    try {
      await claim.check()
      sinceSureMs = askedMs
    } catch (error) {
      if (isVesemirError(error, 'FENCE_LOST')) stop(error)
    } finally {
      isAsking = false
    }
  }
  while (sinceSureMs() <= longestUnsureMs) {
    // Not awaited: an answer comes only when Redis is back.
    if (!isAsking) void ask()
    await clock.sleep(intervalMs, over)
  }
  stop(new VesemirError('LOCK_LOST', `Redis did not answer for ${longestUnsureMs / 1000} s`))
}
