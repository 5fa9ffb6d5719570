import type { Command, Deployment, DeploymentRef, GivenCommand } from '@vesemir/contract'
import { isEnded } from './apply-event.ts'
import { approvalGateOf, isApprovedBy } from './approvals.ts'
import { VesemirError } from './errors.ts'

/** What becomes of a command: it is recorded, or nothing is, since the deployment was told so or is so already. */
export type Admission = 'new' | 'known'

interface Circumstances {
  /** Who gives the command: each of several people who must approve counts. */
  by?: string
  /** The deployment that took the environment's machines last, where that is known: a refusal names it. */
  current?: DeploymentRef | undefined
}

/**
 * Decides whether a deployment can be told this now.
 * @throws {VesemirError} `COMMAND_REFUSED` with the state that is in the way, `DEPLOYMENT_SUPERSEDED`
 */
export function admitCommand(deployment: Deployment, command: Command, { by, current }: Circumstances = {}): Admission {
  if (command.command === 'approve') return admitApproval(deployment, by)
  if (deployment.commands.some((given) => isSameCommand(given.command, command))) return 'known'
  const { status } = deployment.state
  switch (command.command) {
    case 'pause':
      if (status === 'paused' && !isPending(deployment, 'resume')) return 'known'
      return needs(deployment, command, !isEnded(deployment))
    case 'resume':
      if (status === 'running' && !isPending(deployment, 'pause')) return 'known'
      return needs(deployment, command, status === 'paused' || isPending(deployment, 'pause'))
    case 'reject':
      return needs(deployment, command, isAtWaveGate(deployment))
    case 'skip':
      return needs(deployment, command, isAskingAboutFailures(deployment))
    case 'cancel':
      if (status === 'cancelled') return 'known'
      return needs(deployment, command, !isEnded(deployment))
    case 'retry':
      refuseSuperseded(deployment, command, current)
      return needs(
        deployment,
        command,
        isEnded(deployment) || isAskingAboutFailures(deployment) || hasFailures(deployment),
      )
    case 'rollback':
      refuseSuperseded(deployment, command, current)
      if (status === 'rolled-back') return 'known'
      return needs(
        deployment,
        command,
        deployment.plan !== undefined && (deployment.intent === 'deploy' || isEnded(deployment)),
      )
  }
}

function admitApproval(deployment: Deployment, by: string | undefined): Admission {
  const { commands, state } = deployment
  const gate = approvalGateOf(state)
  const given = commands.filter(({ command }) => command.command === 'approve').map((approval) => approval.by)
  const isEnough = given.length > 0 && isApprovedBy(gate ?? {}, given)
  if (isEnough || (by !== undefined && [...(gate?.approvedBy ?? []), ...given].includes(by))) return 'known'
  return needs(deployment, { command: 'approve' }, isAtWaveGate(deployment))
}

/**
 * Refuses what would walk hosts of a superseded deployment: by now they run what came after it.
 * @throws {VesemirError} `DEPLOYMENT_SUPERSEDED`
 */
export function refuseSuperseded(
  { id, supersededBy }: Deployment,
  command: Command,
  current: DeploymentRef | undefined = supersededBy,
): void {
  if (!supersededBy || !current || isForced(command) || !isWalking(command)) return
  const message = `${id} is superseded by ${current.id} (${current.version}). To undo that deployment: vesemir rollback ${current.id}`
  throw new VesemirError('DEPLOYMENT_SUPERSEDED', message, { details: { id: current.id } })
}

/** Whether a command walks hosts of a deployment that had ended. */
function isWalking({ command }: Command): boolean {
  return command === 'retry' || command === 'rollback'
}

/** Whether an admin has said that a command holds for a superseded deployment too. */
export function isForced(command: Command): boolean {
  return 'force' in command && command.force === true
}

/** The command that ends the rollout as soon as no host is in progress, if one was given: the last one counts. */
export function endingCommand(commands: readonly GivenCommand[]): GivenCommand | undefined {
  return commands.findLast(({ command: { command } }) => ['cancel', 'reject', 'rollback'].includes(command))
}

/** Whether the hosts in progress are to stop at the next safe point. */
export function isCancelledNow({ commands }: Pick<Deployment, 'commands'>): boolean {
  return commands.some(({ command }) => command.command === 'cancel' && command.now)
}

function isSameCommand(given: Command, command: Command): boolean {
  if (isForced(command) && !isForced(given)) return false
  if (given.command === 'cancel' && command.command === 'cancel') return given.now || !command.now
  if (given.command === 'retry' && command.command === 'retry')
    return covers(given.hosts, command.hosts) && (command.without ?? []).every((host) => given.without?.includes(host))
  // Of pause and resume the last one counts: `isPending` looks at both.
  return given.command === command.command && command.command !== 'pause' && command.command !== 'resume'
}

/** Whether hosts that were named, or all of them without names, are among those that were named before. */
function covers(given: readonly string[] | undefined, hosts: readonly string[] | undefined): boolean {
  return given === undefined || (hosts?.every((host) => given.includes(host)) ?? false)
}

function isPending({ commands }: Deployment, name: 'pause' | 'resume'): boolean {
  const last = commands.findLast(({ command: { command } }) => command === 'pause' || command === 'resume')
  return last?.command.command === name
}

function isAtWaveGate({ state }: Deployment): boolean {
  return state.status === 'gated' && state.gate.kind !== 'failure'
}

function isAskingAboutFailures({ state }: Deployment): boolean {
  return state.status === 'gated' && state.gate.kind === 'failure'
}

function hasFailures({ counts, intent }: Deployment): boolean {
  return intent === 'deploy' && counts.failed + counts.unreachable > 0
}

function needs(deployment: Deployment, { command }: Command, isPossible: boolean): Admission {
  if (isPossible) return 'new'
  const { id, state } = deployment
  throw new VesemirError('COMMAND_REFUSED', `cannot ${command} ${id} (${state.status}): ${reasons[command]}`)
}

const reasons: Record<Command['command'], string> = {
  pause: 'only a deployment in progress can be paused',
  resume: 'only a paused deployment can be resumed',
  approve: 'no gate is waiting for approval',
  reject: 'no gate is waiting for approval',
  skip: 'the deployment is not waiting for a decision on failed hosts',
  cancel: 'the deployment has ended',
  retry: 'no host has failed yet',
  rollback: 'no host to roll back',
}
