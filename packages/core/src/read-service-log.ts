import { isVesemirError, type ErrorCode } from './errors.ts'
import { findStep } from './steps/steps.ts'
import { commandEnv, logLine, type ConnectedWalk, type Walk } from './walk.ts'

/** Failures whose cause may be in the application itself: its own log then says more than they do. */
const mayBeOfApplication: readonly ErrorCode[] = [
  'COMMAND_FAILED',
  'COMMAND_TIMED_OUT',
  'HEALTH_CHECK_FAILED',
  'SERVER_UNHEALTHY',
  'SERVER_WORSE',
  'SERVICE_FAILED',
  'VERSION_CHANGED',
]

/** How much of the log a failure keeps with it: what tells why, as often as not, and is kept for each host. */
const mostLines = 10
const mostCharacters = 300

/**
 * Passes what the service manager knows, with the last lines of the application's own log, into the output of the step that has
 * failed, and returns the last of them. Of a host that is not connected, of a failure that the application cannot have caused, and
 * where the log cannot be read, it returns none.
 */
export async function readServiceLog(walk: Walk | ConnectedWalk, error: unknown): Promise<string[]> {
  const { spec, signal, ports, progress } = walk
  const mayTell = findStep(progress.step).needsService && isVesemirError(error, ...mayBeOfApplication)
  if (!mayTell || !('remote' in walk)) return []
  const pass = logLine(walk)
  const lines: string[] = []
  const onLine: typeof pass = (line) => {
    lines.push(line.text.slice(0, mostCharacters))
    return pass(line)
  }
  try {
    const context = { session: walk.remote, env: commandEnv(walk), onLine, signal }
    await ports.serviceManagers(spec.service).tailLog(spec.service, context)
  } catch {
    signal.throwIfAborted()
  }
  return lines.slice(-mostLines)
}
