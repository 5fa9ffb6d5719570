import { commandEnv, logLine, type ConnectedWalk } from './walk.ts'

/**
 * Passes what the service manager knows, with the last lines of the application's own log, into the output of the current step.
 * It is for a host that fails already: what cannot be read is left out.
 */
export async function passServiceLog(walk: ConnectedWalk): Promise<void> {
  const { spec, signal, remote, ports } = walk
  if (signal.aborted) return
  const context = { session: remote, env: commandEnv(walk), onLine: logLine(walk), signal }
  try {
    await ports.serviceManagers(spec.service).tailLog(spec.service, context)
  } catch {
    signal.throwIfAborted()
  }
}
