import type { Command, CommandAccepted, DeploymentEvent } from '@vesemir/contract'
import { admitCommand, isEnded, unknownHosts } from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { amend } from './amend.ts'
import { readCurrent } from './current.ts'
import { fields } from './keys.ts'
import { missingDeployment } from './missing-deployment.ts'
import { HostNames } from './schemas.ts'
import { commanded, type Store } from './store.ts'

/**
 * Tells a deployment what to do. A deployment that has ended, and is told to retry or roll back, is queued again.
 * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `COMMAND_REFUSED`, `DEPLOYMENT_SUPERSEDED`, `HOST_UNKNOWN`
 */
export async function giveCommand(
  store: Store,
  { id, command, by }: { id: string; command: Command; by: string },
): Promise<CommandAccepted> {
  const changed = await amend(store, id, async (deployment, at) => {
    await refuseUnknownHosts(store, { id, command })
    const current = await readCurrent(store, deployment.spec)
    if (admitCommand(deployment, command, { by, current }) === 'known') return undefined
    const event: Omit<Extract<DeploymentEvent, { type: 'deployment.commanded' }>, 'seq'> = {
      type: 'deployment.commanded',
      command,
      by,
      at,
    }
    return { event, ...(isEnded(deployment) ? { after: commanded(deployment, { command, by, at, seq: 0 }) } : {}) }
  })
  if (changed === undefined) throw await missingDeployment(store, id)
  return { id, changed }
}

/** Before there is a plan, nobody knows which hosts there are: then the coordinator looks. */
async function refuseUnknownHosts(
  { redis, keys }: Store,
  { id, command }: { id: string; command: Command },
): Promise<void> {
  if (command.command !== 'retry') return
  const named = [...(command.hosts ?? []), ...(command.without ?? [])]
  if (named.length === 0) return
  const names = await redis.hget(keys.record(id), fields.hostNames)
  const unknown =
    names === null ? undefined : unknownHosts(named, { id, planned: readJson(HostNames, names, `the hosts of ${id}`) })
  if (unknown) throw unknown
}
