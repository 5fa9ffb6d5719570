import type { DeploymentFilter } from '@vesemir/contract'
import type { Text } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { deploymentLines } from '../render/lists.ts'
import type { Session } from '../session.ts'
import { watch } from './watch.ts'

export type ListOptions = Partial<DeploymentFilter> & { watch?: boolean }

/** Lists deployments, newest first. */
export async function listDeployments({ watch: isWatched, ...filter }: ListOptions, session: Session): Promise<number> {
  const { client, json, write, print, notify } = session
  if (isWatched)
    return watch(session, {
      read: (signal) => client.listDeployments(filter, { signal }),
      toLines: ({ deployments }, nowMs) => listLines(deployments, nowMs),
    })
  const page = await client.listDeployments(filter)
  if (json) write(jsonDocument(page))
  else listLines(page.deployments, Date.now()).forEach(page.deployments.length === 0 ? notify : print)
  if (!json && page.next !== undefined) notify([`More deployments: add --before ${page.next}`])
  return exitCodes.succeeded
}

function listLines(deployments: Parameters<typeof deploymentLines>[0], nowMs: number): Text[] {
  return deployments.length === 0 ? [['No deployments found']] : deploymentLines(deployments, { nowMs })
}
