import type { DeploymentFilter, DeploymentPage, QueueHold } from '@vesemir/contract'
import { quiet, type Text } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { deploymentLines } from '../render/lists.ts'
import type { Session } from '../session.ts'
import { readHolds } from './read-holds.ts'
import { toTimestamp } from './to-timestamp.ts'
import { watch } from './watch.ts'

export type ListOptions = Partial<DeploymentFilter> & { watch?: boolean; archive?: boolean }

/** Lists deployments, newest first. */
export async function listDeployments(
  { watch: isWatched, archive: isArchived = false, ...options }: ListOptions,
  session: Session,
): Promise<number> {
  const { client, json, write, print, notify } = session
  const filter = await toFilter(options, session)
  if (isArchived) return listArchive(filter, session)
  const read = async (signal?: AbortSignal) => {
    const page = await client.listDeployments(filter, { signal })
    return { page, holds: json ? [] : await readHolds(client, page.deployments, signal) }
  }
  if (isWatched) return watch(session, { read, toLines: listLines, toJson: ({ page }) => page })
  const seen = await read()
  const { deployments, next } = seen.page
  if (json) write(jsonDocument(seen.page))
  else listLines(seen, Date.now()).forEach(deployments.length === 0 ? notify : print)
  if (!json && next !== undefined) notify([`More deployments: add --before ${next}`])
  return exitCodes.succeeded
}

async function toFilter(
  { since, until, by, ...options }: Partial<DeploymentFilter>,
  { client }: Session,
): Promise<Partial<DeploymentFilter>> {
  return {
    ...options,
    ...(by === undefined ? {} : { by: by === 'me' ? (await client.getSession()).name : by }),
    ...(since === undefined ? {} : { since: toTimestamp('--since', since) }),
    ...(until === undefined ? {} : { until: toTimestamp('--until', until) }),
  }
}

async function listArchive(
  filter: Partial<DeploymentFilter>,
  { client, json, write, print, notify }: Session,
): Promise<number> {
  const page = await client.listArchive(filter)
  const { deployments, next } = page
  if (json) write(jsonDocument(page))
  else if (deployments.length === 0) notify(['No archived deployments found'])
  else [[quiet('Archived deployments:')], ...deploymentLines(deployments, { nowMs: Date.now() })].forEach(print)
  if (!json && next !== undefined) notify([`More archived deployments: add --before ${next}`])
  return exitCodes.succeeded
}

interface Listed {
  page: DeploymentPage
  holds: readonly QueueHold[]
}

function listLines({ page: { deployments }, holds }: Listed, nowMs: number): Text[] {
  return deployments.length === 0 ? [['No deployments found']] : deploymentLines(deployments, { nowMs, holds })
}
