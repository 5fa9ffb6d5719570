import { durationMs, type HealthCheck, type HttpHealthCheck, type TcpHealthCheck } from '@vesemir/contract'
import type { HttpAnswer, ProbeTarget } from '../ports.ts'
import { isVesemirError, VesemirError } from '../errors.ts'
import { tellServiceLog } from '../services/tell-service-log.ts'
import { commandEnv, logLine, tellWaiting, wantedVersion, type ConnectedWalk } from '../walk.ts'

/**
 * Proves by the application's own check that the new version is up: several passes in a row.
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
      const { path, headers, tls } = check
      const answer = await remote.httpGet({ ...placeOf(check, target.address), path, headers, tls }, options)
      return faultOf(answer, check, wantedVersion(walk))
    }
    case 'tcp':
      await remote.tcpProbe(placeOf(check, target.address), options)
      return undefined
    case 'command':
      await remote.run(check.command, { ...options, env: commandEnv(walk), onLine: logLine(walk) })
      return undefined
  }
}

/** What is 127.0.0.1 to the host is another machine to the worker. */
function placeOf(check: HttpHealthCheck | TcpHealthCheck, hostAddress: string): ProbeTarget {
  const { port, from = 'host' } = check
  return { address: from === 'host' && check.address === 'loopback' ? '127.0.0.1' : hostAddress, port, from }
}

function faultOf(
  { status, headers, body }: HttpAnswer,
  check: HttpHealthCheck,
  version: string | undefined,
): string | undefined {
  const { path, expectStatus, expectBody, expectHeaders = {} } = check
  if (status !== expectStatus) return `${path} answered ${status}, not ${expectStatus}`
  for (const [name, value] of Object.entries(expectHeaders)) {
    const wanted = withVersion(value, version)
    const seen = headers[name.toLowerCase()]
    if (seen === undefined) return `${path} answered without the header ${name}`
    if (!seen.includes(wanted)) return `${path} answered with ${name}: ${shown(seen)}, without ${shown(wanted)}`
  }
  const wanted = withVersion(expectBody ?? '', version)
  return body.includes(wanted) ? undefined : `${path} answered ${shown(body)}, without ${shown(wanted)}`
}

/** On the way back to a version that is not known, nothing can be said of it. */
function withVersion(expected: string, version: string | undefined): string {
  if (!expected.includes('{version}')) return expected
  return version === undefined ? '' : expected.replaceAll('{version}', version)
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
