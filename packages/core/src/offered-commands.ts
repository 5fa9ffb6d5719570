import type { Command, Deployment, DeploymentView, HostRecord } from '@vesemir/contract'
import { isEnded } from './apply-event.ts'
import { admitCommand } from './commands.ts'
import { listTasks } from './next-task.ts'
import { hostsToWalk } from './requeue-hosts.ts'

/** The commands that front ends offer, in the order in which they show them. */
const offered = ['approve', 'resume', 'retry', 'skip', 'pause', 'reject', 'rollback', 'cancel'] as const
export type CommandName = (typeof offered)[number]

type Steered = Pick<DeploymentView, 'deployment' | 'hosts'>

/** Returns the commands that a deployment's state admits and that would change something. */
export function possibleCommands(view: Steered): CommandName[] {
  return offered.filter((name) => isAdmitted(view.deployment, toCommand(name)) && isUseful(name, view))
}

/** Returns the hosts that a retry walks. While the deployment runs, hosts that have not started get their turn anyway. */
export function hostsToRetry({ deployment, hosts }: Steered): HostRecord[] {
  const walked = hostsToWalk({ intent: 'deploy', excluded: deployment.excluded }, hosts)
  return isEnded(deployment) ? walked : walked.filter(({ state }) => state.status !== 'pending')
}

/** Returns the hosts that a rollback walks: those on which this deployment changed something that still stands. */
export function hostsToRollBack({ hosts }: Pick<Steered, 'hosts'>): HostRecord[] {
  return hostsToWalk({ intent: 'rollback' }, hosts)
}

/** Returns whether one host alone can be retried now. */
export function canRetry(deployment: Deployment, host: string): boolean {
  return isAdmitted(deployment, { command: 'retry', hosts: [host] })
}

/** Returns whether a person should look at a host: it failed, was not reached, or was left out. */
export function needsAttention({ state: { status } }: { state: Pick<HostRecord['state'], 'status'> }): boolean {
  return status === 'failed' || status === 'unreachable' || status === 'skipped'
}

/** Whether a task failed on the way forward: a retry runs it again. */
function hasFailedTask(deployment: Deployment): boolean {
  return deployment.intent === 'deploy' && listTasks(deployment).some(({ record }) => record?.status === 'failed')
}

function toCommand(name: CommandName): Command {
  return name === 'cancel' ? { command: 'cancel', now: true } : { command: name }
}

function isAdmitted(deployment: Deployment, command: Command): boolean {
  try {
    return admitCommand(deployment, command) === 'new'
  } catch {
    return false
  }
}

function isPending({ commands }: Deployment, name: CommandName): boolean {
  return commands.some(({ command }) => command.command === name)
}

/** Whether it failed since all of its hosts are left out until a person deploys to them: planned again, it would find the same. */
function areAllLeftOut({ state }: Deployment): boolean {
  return state.status === 'failed' && state.failure.code === 'HOSTS_LEFT_OUT'
}

function isUseful(name: CommandName, { deployment, hosts }: Steered): boolean {
  switch (name) {
    case 'retry':
      if (areAllLeftOut(deployment)) return false
      return hosts.length === 0 || hostsToRetry({ deployment, hosts }).length > 0 || hasFailedTask(deployment)
    case 'pause':
      return ['queued', 'running'].includes(deployment.state.status) && !isPending(deployment, name)
    case 'rollback':
      return hosts.some(({ state }) => state.status === 'running') || hostsToRollBack({ hosts }).length > 0
    case 'cancel':
      return !isEnded(deployment)
    case 'approve':
    case 'resume':
    case 'skip':
    case 'reject':
      return true
  }
}
