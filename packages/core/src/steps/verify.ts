import { durationMs } from '@vesemir/contract'
import { askApplication, probeOf } from '../ask-application.ts'
import { deadlineIn } from '../deadline.ts'
import { VesemirError } from '../errors.ts'
import { tellServiceLog } from '../services/tell-service-log.ts'
import { isVersionProven, tellWaiting, type ConnectedWalk } from '../walk.ts'

/**
 * Proves by the application's own check that the new version is up: several passes in a row.
 * @throws {VesemirError} `HEALTH_CHECK_FAILED` with what the last try saw; `SSH_CONNECTION_LOST`
 */
export async function verify(walk: ConnectedWalk): Promise<string> {
  const { clock } = walk.ports
  const check = walk.spec.healthCheck
  const deadline = deadlineIn(clock, durationMs(check.deadline))
  for (let passes = 0; ;) {
    walk.waits.throwIfAborted()
    const fault = await askApplication(walk)
    passes = fault ? 0 : passes + 1
    if (passes >= check.successes) return describeProof(walk, passes)
    if (deadline.leftMs() === 0) {
      await tellServiceLog(walk)
      const seen = fault?.words ?? `${passes} of ${check.successes} passes in a row`
      throw new VesemirError('HEALTH_CHECK_FAILED', `${walk.target.name} was not healthy in ${check.deadline}: ${seen}`)
    }
    if (fault) await tellWaiting(walk, `the health check to pass: ${fault.words}`)
    await clock.sleep(durationMs(check.interval), walk.waits)
  }
}

const byShell = 'asked by a shell on the host, whose sshd forbids forwarding'

function describeProof(walk: ConnectedWalk, passes: number): string {
  const healthy = passes === 1 ? 'healthy' : `healthy ${passes} times in a row`
  const proof = isVersionProven(walk) ? healthy : `${healthy}; version not proven`
  return probeOf(walk) && walk.remote.probesByShell ? `${proof}; ${byShell}` : proof
}
