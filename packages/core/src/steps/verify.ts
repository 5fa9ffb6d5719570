import { durationMs, type HealthCheck } from '@vesemir/contract'
import { askApplication, probeOf } from '../ask-application.ts'
import { deadlineIn } from '../deadline.ts'
import { VesemirError } from '../errors.ts'
import { isVersionProven, recordWait, type ConnectedWalk } from '../walk.ts'
import type { Step } from './step.ts'

/**
 * Proves by the application's own check that the new version is up: several passes in a row.
 * @throws {VesemirError} `HEALTH_CHECK_FAILED` with what the last try saw; `SSH_CONNECTION_LOST`
 */
export const verify: Step<'verify'> = {
  name: 'verify',
  rotation: 'out',
  leaves: 'unproven',
  needsService: true,
  resumes: { inService: 'guard', heldOut: 'verify' },
  describe: ({ healthCheck, version }) => describeHealthCheck(healthCheck, version),
  run: proveVersion,
}

async function proveVersion(walk: ConnectedWalk): Promise<string> {
  const { clock } = walk.ports
  const check = walk.spec.healthCheck
  const deadline = deadlineIn(clock, durationMs(check.deadline))
  for (let passes = 0; ;) {
    walk.waits.throwIfAborted()
    const fault = await askApplication(walk)
    passes = fault ? 0 : passes + 1
    if (passes >= check.successes) return describeProof(walk, passes)
    if (deadline.leftMs() === 0) {
      const seen = fault?.words ?? `${passes} of ${check.successes} passes in a row`
      throw new VesemirError('HEALTH_CHECK_FAILED', `${walk.target.name} was not healthy in ${check.deadline}: ${seen}`)
    }
    if (fault) await recordWait(walk, `the health check to pass: ${fault.words}`)
    await clock.sleep(durationMs(check.interval), walk.waits)
  }
}

const byShell = 'checked by a shell on the host, since its sshd forbids forwarding'

function describeProof(walk: ConnectedWalk, passes: number): string {
  const healthy = passes === 1 ? 'healthy' : `healthy ${passes} times in a row`
  const proof = isVersionProven(walk) ? healthy : `${healthy}; version not proven`
  return probeOf(walk) && walk.remote.probesByShell ? `${proof}; ${byShell}` : proof
}

function describeHealthCheck(check: HealthCheck, version: string): string {
  const pace = `${check.successes} times in a row, within ${check.deadline}`
  switch (check.kind) {
    case 'http': {
      const { port, path, expectStatus, expectBody, expectHeaders = {} } = check
      const parts = [...Object.entries(expectHeaders).map(([name, value]) => `${name}: ${value}`), expectBody ?? '']
      const wanted = parts.filter((part) => part !== '').map((part) => JSON.stringify(withVersion(part, version)))
      const scheme = check.tls ? 'https' : 'http'
      return `GET ${scheme} port ${port}${path} ${asker(check)} returns ${[expectStatus, ...wanted].join(' and ')}, ${pace}`
    }
    case 'tcp':
      return `port ${check.port} accepts connections ${asker(check)}, ${pace}`
    case 'command':
      return `${check.command} exits 0, ${pace}`
  }
}

function asker({ from = 'host' }: { from?: 'host' | 'worker' | undefined }): string {
  return from === 'host' ? 'from the host itself' : 'from the worker'
}

function withVersion(text: string, version: string): string {
  return text.replaceAll('{version}', version)
}
