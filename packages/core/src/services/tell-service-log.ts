import { logLine, type ConnectedWalk } from '../walk.ts'
import { serviceScripts } from './service-scripts.ts'

const logTimeoutMs = 10_000

/**
 * Puts what the service manager knows, with the last lines of the application's own log, into the output of the step in hand.
 * It is for a host that fails already: what cannot be had is left out.
 */
export async function tellServiceLog(walk: ConnectedWalk): Promise<void> {
  const { log, env } = serviceScripts(walk.spec.service, walk.target.name)
  if (log === undefined || walk.signal.aborted) return
  try {
    await walk.remote.run(log, { timeoutMs: logTimeoutMs, env, onLine: logLine(walk), signal: walk.signal })
  } catch {
    walk.signal.throwIfAborted()
  }
}
