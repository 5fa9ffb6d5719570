import { exitCodes, exitOfDeployment } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { statusLines } from '../render/status.ts'
import type { Session } from '../session.ts'
import { findLatest } from './find-latest.ts'
import { openInBrowser, pageOf } from './page.ts'
import { readHolds } from './read-holds.ts'
import { watch } from './watch.ts'

interface StatusChoices {
  watch?: boolean
  /** A row for each host, however many there are. */
  hosts?: boolean
  /** Opens the deployment's page. */
  web?: boolean
}

/** Shows a deployment as it stands, and with `watch` as it comes to stand, to its end. */
export async function showStatus(
  idOrLatest: string,
  {
    watch: isWatched = false,
    hosts: showsAllHosts = false,
    web = false,
    session,
  }: StatusChoices & { session: Session },
): Promise<number> {
  const { client, url, json, write, print } = session
  const id = await findLatest(idOrLatest, client)
  if (web) openInBrowser(pageOf(url, id))
  const read = async (signal?: AbortSignal) => {
    const view = await client.getDeployment(id, { signal })
    return { view, holds: json ? [] : await readHolds(client, [view.deployment], signal) }
  }
  const toLines = ({ view, holds }: Awaited<ReturnType<typeof read>>, nowMs: number) =>
    statusLines(view, { nowMs, holds, showsAllHosts, page: pageOf(url, id) })
  if (isWatched)
    return watch(session, {
      read,
      toLines,
      toJson: ({ view }) => view,
      exitOf: ({ view: { deployment } }) => ('endedAt' in deployment.state ? exitOfDeployment(deployment) : undefined),
    })
  const seen = await read()
  if (json) write(jsonDocument(seen.view))
  else toLines(seen, Date.now()).forEach(print)
  return exitCodes.succeeded
}
