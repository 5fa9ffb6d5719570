import type {
  AuditFact,
  ConvergeRound,
  Deployment,
  DeploymentSpec,
  Grant,
  HostsBehind,
  Principal,
} from '@vesemir/contract'
import {
  beginRound,
  describeNothingBehind,
  findGrant,
  forgetReplaced,
  isVesemirError,
  noteBehind,
  noteSkipped,
  refuseDeployment,
  refuseMissed,
  subjectOf,
  VesemirError,
  type ApplicationLocks,
  type Clock,
  type ConvergeRounds,
  type DeploymentIndex,
  type PlaceSchedule,
} from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyBaseLogger } from 'fastify'
import type { CurrentRules } from '../access-settings.ts'
import { json } from '../audit.ts'
import type { Identities } from '../identities.ts'
import { orderDeployment, refuseIfLocked, type OrderPorts } from '../start-deployment.ts'
import { resolveConvergence, type ConvergencePorts } from './resolve-convergence.ts'

/** What a round of a schedule needs. */
export interface RoundPorts extends ConvergencePorts, Omit<OrderPorts, 'log'> {
  applicationLocks: Pick<ApplicationLocks, 'read'>
  deployments: OrderPorts['deployments']
  convergeRounds: ConvergeRounds
  deploymentIndex: Pick<DeploymentIndex, 'list' | 'listOngoing'>
  queues: OrderPorts['queues'] & Pick<Queues, 'ask'>
  identities: Pick<Identities, 'grantsOf'>
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
  log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>
  /** Adds to the audit log. */
  record: (fact: AuditFact) => Promise<void>
}

/** Holds the round of a schedule that is due, unless another process does: what must not be deployed now is skipped, and why is kept. */
export async function holdRound(schedule: PlaceSchedule, ports: RoundPorts, signal: AbortSignal): Promise<void> {
  const { convergeRounds, hostHistory, clock, log } = ports
  const { application, environment, every } = schedule
  const { wanted } = await hostHistory.readWanted(schedule)
  const begun = await convergeRounds.begin(schedule, (last) =>
    beginRound(every, forgetReplaced(last, wanted?.release), clock.now()),
  )
  if (!begun) return
  const ended = await converge(schedule, begun, ports, signal).catch((err: unknown) => {
    const isKnown = isVesemirError(err)
    if (!isKnown && !signal.aborted) log.error({ err, application, environment }, 'scheduled round failed')
    if (isKnown) return noteSkipped(begun, { text: `${err.message} (${err.code})`, code: err.code })
    if (signal.aborted) return noteSkipped(begun, { text: 'the process of the API was stopped' })
    return noteSkipped(begun, { text: 'an unexpected error (INTERNAL)', code: 'INTERNAL' })
  })
  const isKept = await convergeRounds.end(schedule, { begun, ended })
  const { outcome, text, deployment } = ended
  log.info({ application, environment, outcome, text, deployment }, 'scheduled round ended')
  if (!isKept) log.warn({ application, environment }, 'scheduled round not kept: another process has begun the next')
}

async function converge(
  schedule: PlaceSchedule,
  round: ConvergeRound,
  ports: RoundPorts,
  signal: AbortSignal,
): Promise<ConvergeRound> {
  const { by, grant } = await findRight(schedule, ports)
  await refuseWhileDeploying(schedule, ports)
  const { spec: unscheduled, current } = await resolveConvergence(schedule, ports)
  const spec = { ...unscheduled, converges: { ...unscheduled.converges, bySchedule: true as const } }
  await refuseIfLocked(spec, ports.applicationLocks)
  refuseDeployment({ spec, requestedBy: by.name }, ports.rules, ports.clock.now())
  const { plan, needsYes } = await ports.queues.ask(spec.cluster, 'plan', { asked: { spec }, signal })
  const { only = { behind: [], leftOut: [], upToDate: plan.hosts.length } } = plan
  refuseMissed(only, spec.version)
  const { release } = spec.converges
  if (only.behind.length === 0)
    return noteBehind(round, { release, only, text: describeNothingBehind(only, spec.version) })
  await refuseStopped(spec, current, ports)
  if (needsYes) throw new VesemirError('CAPACITY_LOW', 'less than half of a backend would stay in service')
  const deployment = await order(spec, { by, grant }, ports)
  return { ...noteBehind(round, { release, only, text: describeBehind(only, spec.version) }), deployment }
}

/** Who registered the application asks for it, and only as long as they could themselves. @throws {VesemirError} `FORBIDDEN` */
async function findRight(
  { application: name, environment, by }: PlaceSchedule,
  { applications, identities }: RoundPorts,
): Promise<{ by: Principal; grant: Grant }> {
  const place = { application: name, environment }
  const again = 'register it again: vesemir apps apply'
  if (!by) throw new VesemirError('FORBIDDEN', `nobody is known to have registered ${name}; ${again}`)
  const subject = subjectOf(place, await applications.read(name))
  const grant = findGrant((await identities.grantsOf(by)) ?? [], 'deploy', subject)
  if (grant) return { by, grant }
  const message = `${by.name}, who registered ${name}, may not deploy it to ${environment} any more; somebody who may has to ${again}`
  throw new VesemirError('FORBIDDEN', message)
}

/** @throws {VesemirError} `DEPLOYMENT_RUNS`: it may be paused, or wait for its turn or an approval */
async function refuseWhileDeploying(
  { application, environment }: PlaceSchedule,
  { deploymentIndex }: Pick<RoundPorts, 'deploymentIndex'>,
): Promise<void> {
  const ongoing = await deploymentIndex.listOngoing()
  const other = ongoing.find(({ spec }) => spec.application === application && spec.environment === environment)
  if (!other) return
  const { id, spec, state } = other
  throw new VesemirError('DEPLOYMENT_RUNS', `${id} of ${spec.version} is ${state.status}`)
}

/**
 * A person did not want it: a schedule that repeats it would take their decision back. One that was cancelled before it had a machine is not
 * the current one, but the newest.
 * @throws {VesemirError} `CONVERGE_UNSETTLED`
 */
async function refuseStopped(
  { application, environment }: DeploymentSpec,
  current: Deployment | undefined,
  { deploymentIndex }: Pick<RoundPorts, 'deploymentIndex'>,
): Promise<void> {
  const { deployments } = await deploymentIndex.list({ application, environment, limit: 1 })
  const stopped = [current, ...deployments].find((each) => each?.spec.converges && each.state.status === 'cancelled')
  if (!stopped) return
  const command = `vesemir converge ${application} -e ${environment}`
  throw new VesemirError(
    'CONVERGE_UNSETTLED',
    `${stopped.id}, which converged, was cancelled; the schedule resumes after: ${command}`,
  )
}

async function order(
  spec: DeploymentSpec,
  { by, grant }: { by: Principal; grant: Grant },
  ports: RoundPorts,
): Promise<string> {
  const { application, environment, team, cluster, version } = spec
  const { id } = await orderDeployment({ spec, requestedBy: by.name, wait: false }, ports)
  const subject = { application, environment, team, cluster, deployment: id }
  const fact = { who: by.name, action: 'schedule:converge', subject, grant, after: json({ version }) }
  await ports.record({ ...fact, outcome: 'succeeded' }).catch((err: unknown) => {
    ports.log.error({ err, deployment: id }, 'audit entry not written')
  })
  return id
}

const mostNamed = 5

function describeBehind({ behind }: HostsBehind, version: string): string {
  const more = behind.length - mostNamed
  const named = behind.slice(0, mostNamed).map(({ host, why }) => `${host} ${why}`)
  return `${behind.length} behind ${version}: ${[...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')}`
}
