import type { Command, CommandAccepted, DeploymentEvent } from '@vesemir/contract'
import { admitCommand, isEnded, withCommand } from '@vesemir/core'
import { amend } from './amend.ts'
import { readCurrent } from './current.ts'
import { missingDeployment } from './missing-deployment.ts'
import type { Store } from './store.ts'

/**
 * Tells a deployment what to do. A deployment that has ended, and is told to retry or roll back, is queued again.
 * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `COMMAND_REFUSED`, `DEPLOYMENT_SUPERSEDED`
 */
export async function giveCommand(
  store: Store,
  { id, command, by }: { id: string; command: Command; by: string },
): Promise<CommandAccepted> {
  const isNews = await amend(store, id, async (deployment, at) => {
    if (admitCommand(deployment, command, await readCurrent(store, deployment.spec)) === 'known') return undefined
    const event: Omit<Extract<DeploymentEvent, { type: 'deployment.commanded' }>, 'seq'> = {
      type: 'deployment.commanded',
      command,
      by,
      at,
    }
    return {
      event,
      command: { command, by, at },
      ...(isEnded(deployment) ? { after: withCommand(deployment, { ...event, seq: 0 }) } : {}),
    }
  })
  if (isNews === undefined) throw await missingDeployment(store, id)
  return { id, isNews }
}
