import type { Deployment, DeploymentRef, DeploymentSpec } from '@vesemir/contract'
import { isEnded } from './apply-event.ts'
import { VesemirError } from './errors.ts'
import type { ApplicationEnvironment } from './ports/application-environment.ts'
import type { Deployments } from './ports/deployments.ts'
import type { HostHistory } from './ports/host-history.ts'
import type { WantedRelease } from './release-report.ts'
import type { VariableChanges } from './variable-changes.ts'

/** What the machines of an environment should run, and the deployment that had them last, with its record where that is there. */
interface Known {
  wanted: WantedRelease | undefined
  current: DeploymentRef | undefined
  record: Deployment | undefined
}

/**
 * Returns what should run in an environment: what the last deployment there that succeeded put there, or what a rollback put back.
 * @throws {VesemirError} `CONVERGE_UNSETTLED` where nothing has succeeded yet, or a deployment of another version is in progress,
 * has failed, or has no record any more: a person decides then what should run
 */
export function expectedRelease({ application, environment }: ApplicationEnvironment, known: Known): WantedRelease {
  const { wanted, current, record } = known
  const place = `${application} in ${environment}`
  if (!wanted) throw unsettled(`no deployment of ${place} has succeeded yet`)
  if (!current || current.version === wanted.version) return wanted
  const { id, version } = current
  if (!record) throw unsettled(`the record of ${id}, which deployed ${version} of ${place}, is gone`)
  const { state } = record
  if (!isEnded(record)) throw unsettled(`${id} is deploying ${version} of ${place}`)
  if (state.status === 'failed' || state.status === 'cancelled')
    throw unsettled(`${id}, which deployed ${version} of ${place}, has ${sayEnd[state.status]}`)
  return wanted
}

const sayEnd = { failed: 'failed', cancelled: 'been cancelled' }

/** What is read to know what should run. */
export interface ExpectedPorts {
  hostHistory: Pick<HostHistory, 'readWanted'>
  deployments: Pick<Deployments, 'read'>
}

/**
 * Reads what should run in an environment, and the deployment that had its machines last.
 * @throws {VesemirError} as `expectedRelease`, and where the records of deployments, which are signed, say otherwise
 */
export async function readExpected(
  place: ApplicationEnvironment,
  { hostHistory, deployments }: ExpectedPorts,
): Promise<{ expected: WantedRelease; current: Deployment | undefined }> {
  const { wanted, current } = await hostHistory.readWanted(place)
  const record = current && (await deployments.read(current.id))
  const expected = expectedRelease(place, { wanted, current, record })
  await refuseContradicted(expected, { place, current: record, deployments })
  return { expected, current: record }
}

/** What should run is kept unsigned: what no deployment put there, or what a later one has replaced, is not believed. */
async function refuseContradicted(
  { deployment, version, release }: WantedRelease,
  {
    place,
    current,
    deployments,
  }: Pick<ExpectedPorts, 'deployments'> & {
    place: ApplicationEnvironment
    current: Deployment | undefined
  },
): Promise<void> {
  const { application, environment } = place
  const maker = await deployments.read(deployment)
  if (!maker) throw gone(deployment)
  const { spec, plan, state } = maker
  if (spec.application !== application || spec.environment !== environment || spec.version !== version)
    throw unsettled(
      `${deployment} deployed ${spec.version} of ${spec.application} in ${spec.environment}, not ${version} of ${application} in ${environment}`,
    )
  if (state.status !== 'succeeded' || spec.partial) throw unsettled(`${deployment} has not put ${version} on all hosts`)
  if (plan?.release.id !== release)
    throw unsettled(`${deployment} put ${plan?.release.id ?? 'nothing'} there, not ${release}`)
  let read = 0
  for await (const { id, record } of deploymentsSince(maker, { current, deployments })) {
    if (!record) throw gone(id)
    read += 1
    if (read > mostRead) throw unsettled(`more than ${mostRead} deployments have come since ${deployment}`)
    if (record.state.status === 'succeeded' && !record.spec.partial)
      throw unsettled(`${id} has replaced what ${deployment} put there by ${record.spec.version}`)
  }
}

/** How many deployments are read that took the machines after the one of what should run. */
const mostRead = 1000

/**
 * Yields the deployments by which it is known that nothing has replaced what one put there: those that took the machines after it,
 * without those before the last that converged to it. That one was planned only because nothing had replaced it until then.
 */
export async function* deploymentsSince(
  maker: Deployment,
  { current, deployments }: Pick<ExpectedPorts, 'deployments'> & { current: Deployment | undefined },
): AsyncGenerator<{ id: string; record: Deployment | undefined }> {
  const last = await findLastConverging(maker, { current, deployments })
  if (last) yield { id: last.id, record: last }
  yield* successorsOf(last ?? maker, deployments)
}

/** Looks back from the deployment that took the machines last. */
async function findLastConverging(
  maker: Deployment,
  { current, deployments }: Pick<ExpectedPorts, 'deployments'> & { current: Deployment | undefined },
): Promise<Deployment | undefined> {
  const seen = new Set([maker.id])
  for (let record = current; record && !seen.has(record.id) && seen.size <= mostRead;) {
    if (hasConvergedTo(maker, record)) return record
    seen.add(record.id)
    record = record.supersedes === undefined ? undefined : await deployments.read(record.supersedes)
  }
  return undefined
}

function hasConvergedTo(maker: Deployment, { spec, plan }: Deployment): boolean {
  const { application, environment, converges } = spec
  return (
    converges?.deployment === maker.id &&
    application === maker.spec.application &&
    environment === maker.spec.environment &&
    plan?.release.id === converges.release &&
    converges.release === maker.plan?.release.id
  )
}

/** Yields the deployments that took the machines after one, each as the record of the one before names it, until a record is gone. */
async function* successorsOf(
  { id, supersededBy }: Deployment,
  deployments: ExpectedPorts['deployments'],
): AsyncGenerator<{ id: string; record: Deployment | undefined }> {
  const seen = new Set([id])
  for (let next = supersededBy?.id; next !== undefined && !seen.has(next);) {
    seen.add(next)
    const record = await deployments.read(next)
    yield { id: next, record }
    next = record?.supersededBy?.id
  }
}

function gone(id: string): VesemirError {
  return unsettled(`the record of ${id} is gone`)
}

/**
 * Refuses to converge where what should run has changed since that was asked for, or where the version is another release by now,
 * which would be behind on all other hosts.
 * @throws {VesemirError} `CONVERGE_OUTDATED`, `CONVERGE_RELEASE_CHANGED`, and as `expectedRelease`
 */
export function refuseOutdated(
  {
    application,
    environment,
    version,
    converges,
  }: Pick<DeploymentSpec, 'application' | 'environment' | 'version' | 'converges'>,
  {
    expected,
    release,
    variables,
  }: { expected: WantedRelease; release: string; variables?: VariableChanges | undefined },
): void {
  if (converges && expected.release !== converges.release)
    throw new VesemirError(
      'CONVERGE_OUTDATED',
      `${version} was to run on all hosts of ${application} in ${environment}, and since ${expected.deployment} ${expected.version} should`,
    )
  if (release !== expected.release)
    throw new VesemirError(
      'CONVERGE_RELEASE_CHANGED',
      `${version} of ${application} is ${release} now, and ${expected.release} since ${expected.deployment}${sayDiffering(variables)}`,
    )
}

function sayDiffering(variables: VariableChanges | undefined): string {
  if (!variables) return ''
  const names = [...variables.added, ...variables.changed, ...variables.removed].toSorted()
  return `: ${names.length === 1 ? 'the variable' : 'the variables'} ${names.join(', ')} changed`
}

/**
 * Returns the id that stands for secrets where no key tells whether they are the same. To converge is to make the release that is there:
 * it takes the secrets for the same, and so for those of the deployment that made it.
 */
export async function idForSecrets(
  { id, spec }: Pick<Deployment, 'id' | 'spec'>,
  { deployments }: Pick<ExpectedPorts, 'deployments'>,
): Promise<string> {
  const seen = new Set([id])
  let maker = { id, spec }
  while (maker.spec.converges && !seen.has(maker.spec.converges.deployment)) {
    seen.add(maker.spec.converges.deployment)
    const before = await deployments.read(maker.spec.converges.deployment)
    if (!before) break
    maker = before
  }
  return maker.id
}

function unsettled(why: string): VesemirError {
  return new VesemirError('CONVERGE_UNSETTLED', why)
}
