import { VesemirError } from '@vesemir/core'
import { shellQuote, type SshSession } from '../../remote-shell/index.ts'
import { askBox } from './ask-box.ts'

/**
 * Finds out why sshd did not open the socket: one that is missing, one without permission, and sshd's own prohibition all
 * read "open failed", but the box can tell them apart. Nothing is thrown where socat can open it.
 * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`, `LOAD_BALANCER_PERMISSION`
 */
export async function findObstacle(
  session: SshSession,
  { path, signal }: { path: string; signal: AbortSignal },
): Promise<void> {
  const found = await askBox(session, { script: obstacleScript(path), signal })
  const obstacle = obstacles[found]?.(path)
  if (!obstacle) return
  const [code, what] = obstacle
  throw new VesemirError(code, `${session.target.name}: ${what}`, { details: { host: session.target.name } })
}

/** Says in a word why `sh` cannot open the socket by socat; nothing where it can. */
function obstacleScript(path: string): string {
  const quoted = shellQuote(path)
  return `folder=$(dirname ${quoted})
if ! test -x "$folder" && test -d "$folder"; then echo folder
elif ! test -S ${quoted}; then echo missing
elif ! test -w ${quoted}; then echo denied
elif ! command -v socat >/dev/null; then echo socat
fi`
}

const obstacles: Record<string, (path: string) => ['LOAD_BALANCER_UNREACHABLE' | 'LOAD_BALANCER_PERMISSION', string]> =
  {
    folder: (path) => ['LOAD_BALANCER_PERMISSION', `the SSH user may not read the folder of ${path}`],
    missing: (path) => ['LOAD_BALANCER_UNREACHABLE', `no socket at ${path}`],
    denied: (path) => ['LOAD_BALANCER_PERMISSION', `the SSH user may not write to ${path}`],
    socat: () => ['LOAD_BALANCER_UNREACHABLE', 'sshd does not forward to the admin socket, and socat is not installed'],
  }
