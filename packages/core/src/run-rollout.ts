import type { DeploymentSpec, HostsBehind, Plan, ServerState } from '@vesemir/contract'
import { refuseDeployment, refuseUnaccepted } from './access/rules.ts'
import type { HostsRequeued } from './walk-again.ts'
import { findChanges } from './changes/find-changes.ts'
import { chooseBehind } from './choose-behind.ts'
import { endingCommand, refuseSuperseded } from './commands.ts'
import { isVesemirError, toFailure, VesemirError } from './errors.ts'
import { describeNothingBehind, refuseMissed, warnOfLeftOut } from './find-behind.ts'
import { idForSecrets } from './find-expected.ts'
import { findGone } from './find-named-hosts.ts'
import { findTargets, findTargetsOrKeep } from './find-targets.ts'
import { inParallel } from './in-parallel.ts'
import { locateServers } from './locate-servers.ts'
import { refuseLowCapacity } from './least-capacity.ts'
import {
  endAgain,
  nextActions,
  noteEnded,
  noteStarted,
  rolloutOf,
  type Requeue,
  type RolloutAction,
  type RolloutState,
} from './next-actions.ts'
import { refuseChangedPlan } from './plan-changes.ts'
import { planDeployment, describeNoMatch } from './plan-deployment.ts'
import type { DeploymentClaim, EndFact } from './ports/deployment-claim.ts'
import type { HostJobs, WalkToStart } from './ports/host-jobs.ts'
import type { Found } from './ports/inventory.ts'
import { boxesWithoutProbes } from './prove-by-probe.ts'
import {
  hostsToExclude,
  hostsToWalk,
  findOutOfRotation,
  omittedHosts,
  findOwnHosts,
  unknownHosts,
} from './requeue-hosts.ts'
import { createPeersWatch, type PeersWatch } from './peers/peers-watch.ts'
import { reveal } from './reveal.ts'
import { writeEnvironmentFile } from './environment-file.ts'
import { digestSecrets, identifyVariables } from './variables.ts'
import { reportBug } from './report-bug.ts'
import type { RolloutPorts } from './rollout-ports.ts'
import { runTask } from './run-task.ts'
import { withNotices } from './with-notices.ts'

/** How long no news of a host may come before its job is looked after. */
const checkIntervalMs = 5000

/**
 * Runs a deployment from wherever its record says that it is to its end: plans it once, then does what the rules say is
 * next until they say that it is over.
 * @throws the signal's reason when this worker is to stop, and `FENCE_LOST` when another goes on
 */
export async function runRollout(bare: DeploymentClaim, ports: RolloutPorts, signal: AbortSignal): Promise<void> {
  const claim = await withNotices(bare, ports.notices)
  try {
    await judgeCommands(claim)
    if (!claim.deployment.plan && !(await endBeforePlan(claim))) {
      refuseDeployment(claim.deployment, ports.rules, ports.clock.now())
      const { plan } = await makePlan(claim.deployment, ports, signal)
      if (plan.only && plan.hosts.length === 0) return await endAnyway(claim, endOfNothing(plan.only, claim.deployment))
      refuseChangedPlan(plan, { spec: claim.deployment.spec, expected: await claim.readExpectedPlan() })
      refuseLowCapacity(plan, claim.deployment.spec)
      await claim.append({ type: 'deployment.planned', plan, ...(await supersededBy(claim)) })
    }
    if (claim.deployment.plan) await rollOut(claim, ports, signal)
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'FENCE_LOST')) throw error
    reportBug(error, ports, { deployment: claim.deployment.id })
    await endAnyway(claim, { type: 'deployment.ended', outcome: 'failed', failure: toFailure(error) })
  }
}

/** While a command waited for its deployment's turn, another deployment may have come: nothing is done by it then. */
async function judgeCommands(claim: DeploymentClaim): Promise<void> {
  const { deployment } = claim
  if (!deployment.supersededBy) return
  const current = await claim.readCurrent()
  for (const { command, by, seq } of deployment.commands)
    try {
      refuseSuperseded(deployment, command, current)
    } catch (error) {
      await claim.append({ type: 'command.refused', failure: toFailure(error), by, follows: seq })
    }
}

/** The deployment that this one takes the place of, when it goes on. */
async function supersededBy(claim: DeploymentClaim): Promise<{ supersedes?: string }> {
  const current = await claim.readCurrent()
  return current === undefined || current.id === claim.deployment.id ? {} : { supersedes: current.id }
}

async function endBeforePlan(claim: DeploymentClaim): Promise<boolean> {
  const { commands, endedAs } = claim.deployment
  const ending = endingCommand(commands)
  if (endedAs && (ending || commands.length === 0)) {
    await endAnyway(claim, { ...endAgain(endedAs), ...(ending ? { follows: ending.seq } : {}) })
    return true
  }
  if (!ending) return false
  const failure = toFailure(new VesemirError('CANCELLED', `cancelled by ${ending.by} before planning`))
  await endAnyway(claim, { type: 'deployment.ended', outcome: 'cancelled', failure, follows: ending.seq })
  return true
}

/** Ends a deployment that no command could make go on. */
async function endAnyway(claim: DeploymentClaim, fact: EndFact): Promise<void> {
  while (!(await claim.end(fact))) await claim.readHosts()
}

/** Ends a deployment for which no host is behind: where that cannot be said of any host, as failed. */
function endOfNothing(only: HostsBehind, { spec }: DeploymentClaim['deployment']): EndFact {
  // None, too, is told: the record may name those that were left out when it was planned before.
  const { leftOut } = only
  try {
    refuseMissed(only, spec.version)
  } catch (error) {
    return { type: 'deployment.ended', outcome: 'failed', failure: toFailure(error), leftOut }
  }
  return { type: 'deployment.ended', outcome: 'succeeded', note: describeNothingBehind(only, spec.version), leftOut }
}

/** What planning looks through. */
export type PlanningPorts = Pick<
  RolloutPorts,
  | 'inventory'
  | 'loadBalancer'
  | 'changesets'
  | 'secrets'
  | 'recipients'
  | 'rules'
  | 'tasks'
  | 'remoteShell'
  | 'hostHistory'
  | 'deployments'
  | 'clock'
>

/**
 * Finds out what a deployment would do and what it changes, and how its servers are now; changes nothing.
 * @throws {VesemirError} `CLUSTER_REFUSED`, `PLAN_EMPTY`, `PLAN_NO_BOXES`, as `WorkerTasks.check` and `reveal`, and what the ports throw
 */
export async function makePlan(
  deployment: Pick<DeploymentClaim['deployment'], 'id' | 'spec'>,
  ports: PlanningPorts,
  signal: AbortSignal,
): Promise<{ plan: Plan; servers: ServerState[] }> {
  const { plan, servers } = await planHosts(deployment, ports, signal)
  const { changes, warnings } = await findChanges(deployment, plan, ports, signal)
  return { plan: { ...plan, changes, warnings: [...plan.warnings, ...warnings] }, servers }
}

async function planHosts(
  { id, spec }: Pick<DeploymentClaim['deployment'], 'id' | 'spec'>,
  ports: PlanningPorts,
  signal: AbortSignal,
): Promise<{ plan: Plan; servers: ServerState[] }> {
  const { inventory, loadBalancer, changesets, secrets, recipients, rules, tasks } = ports
  refuseUnaccepted({ spec }, rules)
  tasks.check(spec.tasks ?? [], spec)
  const { changeset, variables: values } = await reveal(spec, { spec, secrets, signal })
  if ('environmentFile' in changeset) writeEnvironmentFile(values ?? {})
  // What was planned comes out in the same order when it is deployed.
  const seed = spec.planId ?? id
  const digests = digestSecrets(spec, { values, secrets })
  const variables = identifyVariables(spec, { digests, id: await idForSecrets({ id, spec }, ports) })
  const [found, foundBoxes, release] = await inParallel(
    () => inventory.findHosts(spec, signal),
    () => (spec.loadBalancer.kind === 'none' ? nothing : inventory.findBoxes(spec.loadBalancer.boxes, spec, signal)),
    () => changesets(spec.changeset).pin(changeset, spec, { variables, signal }),
  )
  const only = isForAll(spec, found)
    ? undefined
    : await chooseBehind(found.hosts, { spec, changeset, release, secrets: digests }, ports, signal)
  const chosen = new Set(only?.behind.map(({ host }) => host))
  const hosts = only ? found.hosts.filter(({ name }) => chosen.has(name)) : found.hosts
  const boxes = foundBoxes.hosts
  if (spec.loadBalancer.kind !== 'none' && boxes.length === 0) {
    const message = `no machine in ${spec.loadBalancer.boxes.environment ?? spec.environment} matches loadBalancer.boxes`
    throw new VesemirError('PLAN_NO_BOXES', `${message}${describeNoMatch(foundBoxes.searched)}`)
  }
  if (only && hosts.length === 0) return { plan: emptyPlan(only, { boxes, release }), servers: [] }
  await using balancer = await loadBalancer.open(boxes, spec.loadBalancer, signal)
  const { servers, warnings: told } = await locateServers(
    hosts,
    { boxes, settings: spec.loadBalancer, balancer },
    signal,
  )
  const states = await balancer.read(servers.flat(), signal)
  const peers = await balancer.readPeers(servers.flat(), signal)
  const figures = await balancer.readFigures(servers.flat(), signal)
  const withoutProbes = await boxesWithoutProbes(spec, { balancer, servers: states }, signal)
  const warnings = [...found.warnings, ...foundBoxes.warnings, ...told, ...warnOfRecipients(spec, recipients)]
  const plan = planDeployment(spec, {
    ...found,
    hosts,
    only,
    boxes,
    servers,
    states,
    peers,
    figures,
    withoutProbes,
    release,
    warnings,
    seed,
  })
  return { plan: { ...plan, ...(digests ? { secrets: digests } : {}) }, servers: states }
}

/** Without any host, it is for the plan to say what was looked for. */
function isForAll({ only }: DeploymentSpec, { hosts }: Found): boolean {
  return only === undefined || hosts.length === 0
}

function emptyPlan(only: HostsBehind, { boxes, release }: Pick<Plan, 'boxes' | 'release'>): Plan {
  return { hosts: [], boxes, concurrency: 1, waves: [], release, warnings: warnOfLeftOut(only), only }
}

function warnOfRecipients({ notifications, cluster }: DeploymentSpec, known: RolloutPorts['recipients']): string[] {
  const unknown = new Set(notifications.map(({ to }) => to).filter((to) => !known.has(to)))
  return [...unknown].map((to) => `recipient "${to}" is not configured in cluster ${cluster}; it will not be notified`)
}

const nothing: Found = { hosts: [], warnings: [] }

async function rollOut(claim: DeploymentClaim, ports: RolloutPorts, signal: AbortSignal): Promise<void> {
  await claim.supersede()
  const watch = createPeersWatch(claim, { ports, signal })
  let { state, cursor } = await readRollout(claim, ports, watch)
  // What was noted since may be lost: Redis can fail over to a replica without the last writes.
  let isAsRead = true
  const readAgain = async () => {
    ;({ state, cursor } = await readRollout(claim, ports, watch))
    isAsRead = true
  }
  for (;;) {
    const actions = nextActions(state, ports.clock.now())
    if (!isAsRead && actions.some(({ type }) => type === 'end')) {
      await readAgain()
      continue
    }
    const step = await perform(actions, { claim, ports, state, signal })
    if (step === 'ended') return
    if (step === 'changed') {
      await readAgain()
      continue
    }
    const compared = await watch.look(state)
    if (compared) await claim.append(compared)
    const news = await claim.waitForChanges(cursor, { timeoutMs: step.timeoutMs, signal })
    cursor = news.cursor
    isAsRead = false
    for (const end of news.ended) noteEnded(state, end)
    state.deployment = claim.deployment
    if (news.ended.length > 0 || (await findWithoutJob(claim, state, ports.hostJobs)).length === 0) continue
    await readAgain()
    const walks = await findWithoutJob(claim, state, ports.hostJobs)
    await Promise.all(walks.map((walk) => ports.hostJobs.start(claim.deployment.id, walk)))
  }
}

async function readRollout(
  claim: DeploymentClaim,
  { rules }: Pick<RolloutPorts, 'rules'>,
  watch: PeersWatch,
): Promise<{ state: RolloutState; cursor: number }> {
  const { hosts, cursor } = await claim.readHosts()
  watch.note(hosts)
  return { state: rolloutOf(claim.deployment, hosts, rules), cursor }
}

interface Performance {
  claim: DeploymentClaim
  ports: RolloutPorts
  state: RolloutState
  signal: AbortSignal
}

/** Does what the rules say. Whoever changed the record reads it again; else there is something to wait for. */
async function perform(
  actions: readonly RolloutAction[],
  { claim, ports, state, signal }: Performance,
): Promise<'ended' | 'changed' | { timeoutMs: number }> {
  let timeoutMs = checkIntervalMs
  const starting: Promise<void>[] = []
  for (const action of actions)
    switch (action.type) {
      case 'start-host':
        starting.push(ports.hostJobs.start(claim.deployment.id, noteStarted(state)))
        break
      case 'wait':
        timeoutMs = Math.min(timeoutMs, Math.max(1, action.untilMs - ports.clock.now()))
        break
      case 'append':
        await claim.append(action.fact)
        return 'changed'
      case 'end':
        return (await claim.end(action.fact)) ? 'ended' : 'changed'
      case 'run-task':
        await runTask(action.task, { claim, ports, signal })
        return 'changed'
      case 'requeue':
        await requeue(action, { claim, ports, signal })
        return 'changed'
    }
  await Promise.all(starting)
  return { timeoutMs }
}

/** Has hosts walked again. What stands against it is told, and then nothing of what is known of them is changed. */
async function requeue(action: Requeue, context: Omit<Performance, 'state'>): Promise<void> {
  const { claim, signal } = context
  const { by, follows } = action
  try {
    await claim.append(await chooseHosts(action, context))
  } catch (error) {
    if (signal.aborted || follows === undefined || !isVesemirError(error) || error.code === 'FENCE_LOST') throw error
    return claim.append({ type: 'command.refused', failure: toFailure(error), by, follows })
  }
  await claim.supersede()
}

/** @throws {VesemirError} `HOST_UNKNOWN`, `HOST_GONE`, `DEPLOYMENT_SUPERSEDED`, and what finding hosts again throws */
async function chooseHosts(
  { intent, only, without = [], by, follows }: Requeue,
  { claim, ports, signal }: Omit<Performance, 'state'>,
): Promise<HostsRequeued> {
  const { hosts } = await claim.readHosts()
  const { deployment } = claim
  const named = [...(only ?? []), ...without]
  const unknown = unknownHosts(named, { id: deployment.id, planned: hosts.map(({ target }) => target.name) })
  if (unknown) throw unknown
  const excluded = hostsToExclude(hosts, without)
  const asks = intent === 'deploy' && !only
  const isOut = asks ? await findOutOfRotation(hosts, { ...ports, deployment, signal }) : undefined
  const wanted = { intent, only, excluded: [...(deployment.excluded ?? []), ...without] }
  const { chosen, leftOut } = await findOwnHosts(hostsToWalk(wanted, hosts, isOut), claim)
  const find = follows === undefined ? findTargetsOrKeep : findTargets
  const { present, changed, boxes, ...found } = await find(chosen, { ...ports, deployment, signal })
  if (present.length === 0 && found.gone.length > 0 && excluded.length === 0)
    throw new VesemirError('HOST_GONE', `the inventory no longer has ${found.gone.join(', ')}`)
  const others = only ? await findGone(omittedHosts(hosts, only), { ...ports, ...deployment, signal }) : []
  const gone = [...found.gone, ...others]
  return {
    type: 'hosts.requeued',
    hosts: present,
    intent,
    by,
    ...(only ? { named: true } : {}),
    ...listed({ leftOut, gone, excluded, changed }),
    ...(boxes ? { boxes } : {}),
    ...(await supersededBy(claim)),
    ...(follows === undefined ? {} : { follows }),
  }
}

/** The lists that say something. */
function listed<Lists extends Record<string, readonly unknown[]>>(lists: Lists): Partial<Lists> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<Lists>
}

/** Finds what is in flight and has no job: it was removed, or lost with a crash, or has ended since the news were read. */
async function findWithoutJob(
  { deployment: { id } }: DeploymentClaim,
  { inFlight }: RolloutState,
  jobs: HostJobs,
): Promise<WalkToStart[]> {
  const walks = [...inFlight].map(([host, after]) => ({ host, after }))
  // All at once: asking one by one leaves time for many to end.
  const alive = await Promise.all(walks.map(({ host }) => jobs.isAlive(id, host)))
  return walks.filter((_, index) => !alive[index])
}
