import { durationMs, type HealthCheck } from '@vesemir/contract'
import { isVesemirError, VesemirError } from '../errors.ts'
import { tellServiceLog } from '../services/tell-service-log.ts'
import { commandEnv, logLine, tellWaiting, wantedVersion, type ConnectedWalk } from '../walk.ts'

/**
 * Proves by the application's own check, made from the host itself, that the new version is up: several passes in a row.
 * @throws {VesemirError} `HEALTH_CHECK_FAILED` with what the last try saw; `SSH_CONNECTION_LOST`
 */
export async function verify(walk: ConnectedWalk): Promise<string> {
  const { clock } = walk.ports
  const check = walk.spec.healthCheck
  const deadlineMs = clock.now() + durationMs(check.deadline)
  for (let passes = 0; ;) {
    walk.waits.throwIfAborted()
    const failing = await tryOnce(walk, check)
    passes = failing === undefined ? passes + 1 : 0
    if (passes >= check.successes) return passes === 1 ? 'healthy' : `healthy ${passes} times in a row`
    if (clock.now() >= deadlineMs) {
      await tellServiceLog(walk)
      const seen = failing ?? `${passes} of ${check.successes} passes in a row`
      throw new VesemirError('HEALTH_CHECK_FAILED', `${walk.target.name} was not healthy in ${check.deadline}: ${seen}`)
    }
    if (failing !== undefined) await tellWaiting(walk, `the health check to pass: ${failing}`)
    await clock.sleep(durationMs(check.interval), walk.waits)
  }
}

/** Makes one try; says in words why it did not pass, or gives undefined. */
async function tryOnce(walk: ConnectedWalk, check: HealthCheck): Promise<string | undefined> {
  try {
    return await probe(walk, check)
  } catch (error) {
    if (walk.signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    return error instanceof Error ? error.message : String(error)
  }
}

async function probe(walk: ConnectedWalk, check: HealthCheck): Promise<string | undefined> {
  const { remote, signal, target } = walk
  const options = { timeoutMs: durationMs(check.timeout), signal }
  switch (check.kind) {
    case 'http': {
      const { port, path } = check
      const answer = await remote.httpGet({ address: addressOf(check, target.address), port, path }, options)
      const wanted = wantedBody(walk, check.expectBody)
      if (answer.status !== check.expectStatus) return `${path} answered ${answer.status}, not ${check.expectStatus}`
      return wanted === undefined || answer.body.includes(wanted)
        ? undefined
        : `${path} answered ${JSON.stringify(answer.body.slice(0, 80))}, without ${JSON.stringify(wanted)}`
    }
    case 'tcp':
      await remote.tcpProbe({ address: addressOf(check, target.address), port: check.port }, options)
      return undefined
    case 'command':
      await remote.run(check.command, { ...options, env: commandEnv(walk), onLine: logLine(walk) })
      return undefined
  }
}

/** On the way back to a version that is not known, nothing can be said of it. */
function wantedBody(walk: ConnectedWalk, expected: string | undefined): string | undefined {
  if (!expected?.includes('{version}')) return expected
  const version = wantedVersion(walk)
  return version === undefined ? undefined : expected.replaceAll('{version}', version)
}

function addressOf(check: { address: 'loopback' | 'host' }, hostAddress: string): string {
  return check.address === 'loopback' ? '127.0.0.1' : hostAddress
}
