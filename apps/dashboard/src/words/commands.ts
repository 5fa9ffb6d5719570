import type { Command, Deployment, DeploymentView, HostRecord } from '@vesemir/contract'
import { admitCommand, hostsToWalk, isEnded } from '@vesemir/core'

/** The commands that a button is shown for, in the order of the buttons. */
const all = ['approve', 'resume', 'retry', 'skip', 'pause', 'reject', 'rollback', 'cancel'] as const
export type CommandName = (typeof all)[number]

/** Decides which commands the state of a deployment allows and makes sense of. */
export function possibleCommands({ deployment, hosts }: DeploymentView): CommandName[] {
  return all.filter((name) => isAdmitted(deployment, toCommand(name)) && isSensible(name, { deployment, hosts }))
}

/** The hosts that a retry is about. Those that had no turn have it anyway, as long as the deployment goes on. */
export function hostsToRetry({ deployment, hosts }: Pick<DeploymentView, 'deployment' | 'hosts'>): HostRecord[] {
  const walked = hostsToWalk({ intent: 'deploy' }, hosts)
  return isEnded(deployment) ? walked : walked.filter(({ state }) => state.status !== 'pending')
}

/** The hosts that a rollback is about. */
export function hostsToRollBack({ hosts }: Pick<DeploymentView, 'hosts'>): HostRecord[] {
  return hostsToWalk({ intent: 'rollback' }, hosts)
}

/** Whether one host alone can be retried now. */
export function canRetry(deployment: Deployment, host: string): boolean {
  return isAdmitted(deployment, { command: 'retry', hosts: [host] })
}

function toCommand(name: CommandName): Command {
  return name === 'cancel' ? { command: 'cancel', now: true } : { command: name }
}

function isAdmitted(deployment: Deployment, command: Command): boolean {
  try {
    return admitCommand(deployment, command) === 'news'
  } catch {
    return false
  }
}

function isPending({ commands }: Deployment, name: CommandName): boolean {
  return commands.some(({ command }) => command.command === name)
}

function isSensible(name: CommandName, { deployment, hosts }: Pick<DeploymentView, 'deployment' | 'hosts'>): boolean {
  switch (name) {
    case 'retry':
      return hosts.length === 0 || hostsToRetry({ deployment, hosts }).length > 0
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
