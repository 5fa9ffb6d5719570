import { durationMs, type HealthCheck, type HttpHealthCheck, type TcpHealthCheck } from '@vesemir/contract'
import { isVesemirError } from './errors.ts'
import type { HttpAnswer, ProbeTarget, RemoteSession } from './ports/remote-shell.ts'
import type { Revealed } from './reveal.ts'
import {
  commandEnv,
  logLine,
  revealed,
  revealedVariables,
  wantedVersion,
  type ConnectedWalk,
  type Walk,
} from './walk.ts'

/** Why an application did not pass its health check. */
export interface CheckFault {
  words: string
  /** Whether all but the version was as expected: another version is what answers. */
  isOtherVersion: boolean
}

/**
 * Asks the application once by its own health check; returns why it did not pass, or nothing when it did.
 * @throws {VesemirError} `SSH_CONNECTION_LOST`, and the signal's reason
 */
export async function askApplication(
  walk: ConnectedWalk,
  { remote = walk.remote, signal = walk.signal }: { remote?: RemoteSession; signal?: AbortSignal } = {},
): Promise<CheckFault | undefined> {
  try {
    return await probe(walk, { remote, signal })
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    return inWords(error)
  }
}

async function probe(
  walk: ConnectedWalk,
  { remote, signal }: { remote: RemoteSession; signal: AbortSignal },
): Promise<CheckFault | undefined> {
  const check = await revealed(walk, walk.spec.healthCheck)
  if (check.kind !== 'command')
    return askAt(walk, check, { probes: remote, to: subjectOf(check, walk.target.address), signal })
  await remote.run(check.command, {
    name: 'health check',
    timeoutMs: durationMs(check.timeout),
    signal,
    env: commandEnv(walk),
    secretEnv: await revealedVariables(walk, check.environment),
    onLine: logLine(walk),
  })
  return undefined
}

/** Whom to ask, and by what. */
interface Asking {
  probes: Pick<RemoteSession, 'httpGet' | 'tcpProbe'>
  to: ProbeTarget
  signal: AbortSignal
}

async function askAt(
  walk: Walk,
  check: Exclude<Revealed<HealthCheck>, { kind: 'command' }>,
  { probes, to, signal }: Asking,
): Promise<CheckFault | undefined> {
  const options = { timeoutMs: durationMs(check.timeout), signal }
  if (check.kind === 'tcp') {
    await probes.tcpProbe(to, options)
    return undefined
  }
  const { path, headers, tls } = check
  const answer = await probes.httpGet({ ...to, path, headers, tls }, options)
  return faultOf(answer, check, wantedVersion(walk))
}

/**
 * Asks a server from its box what the health check asks of the application, where that can be asked there; else whether it
 * accepts a connection. Returns why it did not pass, or nothing when it did.
 * @throws {VesemirError} `HOST_TOOL_MISSING` where the box has nothing to ask with, and the signal's reason
 */
export async function askServer(walk: Walk, asking: Asking): Promise<CheckFault | undefined> {
  const { probes, to, signal } = asking
  const check = await revealed(walk, walk.spec.healthCheck)
  try {
    if (check.kind !== 'command' && check.port === to.port) return await askAt(walk, check, asking)
    await probes.tcpProbe(to, { timeoutMs: durationMs(check.timeout), signal })
    return undefined
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'HOST_TOOL_MISSING')) throw error
    return inWords(error)
  }
}

function inWords(error: unknown): CheckFault {
  return { words: error instanceof Error ? error.message : String(error), isOtherVersion: false }
}

/** Returns where a health check asks the host's service from the host itself; undefined where it does not. */
export function probeOf({ spec, target }: Pick<ConnectedWalk, 'spec' | 'target'>): ProbeTarget | undefined {
  const { healthCheck } = spec
  if (healthCheck.kind === 'command' || healthCheck.from === 'worker') return undefined
  return subjectOf(healthCheck, target.address)
}

/** What is 127.0.0.1 to the host is another machine to the worker. */
function subjectOf(
  check: Pick<HttpHealthCheck | TcpHealthCheck, 'address' | 'from' | 'port'>,
  hostAddress: string,
): ProbeTarget {
  const { port, from = 'host' } = check
  return { address: from === 'host' && check.address === 'loopback' ? '127.0.0.1' : hostAddress, port, from }
}

function faultOf(
  answer: HttpAnswer,
  check: Revealed<HttpHealthCheck>,
  version: string | undefined,
): CheckFault | undefined {
  const words = lackOf(answer, check, version)
  if (words === undefined) return undefined
  return { words, isOtherVersion: lackOf(answer, check, undefined) === undefined }
}

/** Says what an answer lacks. Without a version, nothing is expected where one is named. */
function lackOf(
  { status, headers, body }: HttpAnswer,
  check: Revealed<HttpHealthCheck>,
  version: string | undefined,
): string | undefined {
  const { path, expectStatus, expectBody, expectHeaders = {} } = check
  if (status !== expectStatus) return `${path} returned ${status}, expected ${expectStatus}`
  for (const [name, value] of Object.entries(expectHeaders)) {
    const wanted = withVersion(value, version)
    const seen = headers[name.toLowerCase()]
    if (wanted === undefined) continue
    if (seen === undefined) return `${path} returned no header ${name}`
    if (!seen.includes(wanted)) return `${path} returned ${name}: ${shown(seen)}, expected ${shown(wanted)}`
  }
  const wanted = withVersion(expectBody ?? '', version)
  return wanted === undefined || body.includes(wanted)
    ? undefined
    : `${path} returned ${shown(body)}, expected ${shown(wanted)} in the body`
}

function withVersion(expected: string, version: string | undefined): string | undefined {
  return expected.includes('{version}') ? version && expected.replaceAll('{version}', version) : expected
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
