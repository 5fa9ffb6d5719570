import { durationMs } from '@vesemir/contract'
import { askApplication, type CheckFault } from './ask-application.ts'
import { deadlineIn } from './deadline.ts'
import { isVesemirError, VesemirError } from './errors.ts'
import { runConcurrently } from './run-concurrently.ts'
import { isVersionProven, recordWait, wantedVersion, type ConnectedWalk, type Walk } from './walk.ts'

/** The application is asked at most once in a second, and at most about so often in a whole soak. */
const shortestIntervalMs = 1000
const mostAsks = 10

/** A host whose version is asked for while it is watched. Dispose of it to ask no more. */
export interface VersionWatch extends AsyncDisposable {
  /** Settles when the application has been asked once. */
  readonly asked: Promise<void>
  /** Aborted with the walk's signal, and with `VERSION_CHANGED` at an answer of another version. */
  readonly orChanged: AbortSignal
}

/**
 * Asks the application for its version at once, and then about ten times in a soak of that length. A check that fails is
 * no news of the version: in a soak the load balancer's own checks judge health.
 */
export function watchVersion(walk: ConnectedWalk, soakMs: number): VersionWatch {
  if (walk.servers.length === 0 || !isVersionProven(walk)) return noWatch(walk)
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const intervalMs = Math.max(shortestIntervalMs, soakMs / mostAsks)
  const watch = runConcurrently(async (signal) => {
    for (;;) {
      await checkVersion(walk, signal).finally(resolve)
      await walk.ports.clock.sleep(intervalMs, signal)
    }
  }, walk.signal)
  return { asked, orChanged: watch.orFailed, [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose]() }
}

function noWatch({ signal }: ConnectedWalk): VersionWatch {
  return { asked: Promise.resolve(), orChanged: signal, [Symbol.asyncDispose]: async () => {} }
}

async function checkVersion(walk: ConnectedWalk, signal: AbortSignal): Promise<void> {
  try {
    refuseOtherVersion(walk, await askApplication(walk, { signal }))
  } catch (error) {
    // The proof at the end connects again.
    if (!isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
  }
}

/**
 * Proves the version a last time, where the health check can: by one pass within its deadline.
 * @throws {VesemirError} `VERSION_CHANGED` at an answer of another version, `HEALTH_CHECK_FAILED`, and what connecting throws
 */
export async function proveAtEnd(walk: ConnectedWalk): Promise<string> {
  if (!isVersionProven(walk)) return 'version not proven'
  const { clock } = walk.ports
  const { deadline, interval } = walk.spec.healthCheck
  const patience = deadlineIn(clock, durationMs(deadline))
  for (;;) {
    const fault = await askOrReconnect(walk)
    if (!fault) return `${wantedVersion(walk)} proven again`
    refuseOtherVersion(walk, fault)
    if (patience.leftMs() === 0 || walk.waits.aborted) {
      const message = `${walk.target.name} has been unhealthy for ${deadline}: ${fault.words}`
      throw new VesemirError('HEALTH_CHECK_FAILED', message)
    }
    await recordWait(walk, `the health check to pass: ${fault.words}`)
    await clock.sleep(durationMs(interval), walk.signal)
  }
}

/** A connection may have gone in a long soak, which says nothing of the application. */
async function askOrReconnect(walk: ConnectedWalk): Promise<CheckFault | undefined> {
  try {
    return await askApplication(walk)
  } catch (error) {
    if (!isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    await using remote = await walk.ports.remoteShell.connect(walk.target, walk.signal)
    return await askApplication(walk, { remote })
  }
}

/**
 * Refuses an answer that has all that is expected but the version.
 * @throws {VesemirError} `VERSION_CHANGED`
 */
export function refuseOtherVersion(walk: Walk, fault: CheckFault | undefined): void {
  if (!fault?.isOtherVersion) return
  throw new VesemirError('VERSION_CHANGED', `${walk.target.name} no longer runs ${wantedVersion(walk)}: ${fault.words}`)
}
