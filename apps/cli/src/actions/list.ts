import type { DeploymentFilter } from '@vesemir/contract'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { deploymentLines } from '../render/lists.ts'
import type { Session } from '../session.ts'

/** Lists deployments, newest first. */
export async function listDeployments(
  filter: Partial<DeploymentFilter>,
  { client, json, write, print, tell }: Session,
): Promise<number> {
  const page = await client.listDeployments(filter)
  if (json) write(jsonDocument(page))
  else if (page.deployments.length === 0) tell(['there is no such deployment'])
  else deploymentLines(page.deployments, { nowMs: Date.now() }).forEach(print)
  if (!json && page.next !== undefined) tell([`there are more: add --before ${page.next}`])
  return exitCodes.succeeded
}
