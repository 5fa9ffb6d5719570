import { exitCodes, exitOfDeployment } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { statusLines } from '../render/status.ts'
import type { Session } from '../session.ts'
import { watch } from './watch.ts'

interface StatusChoices {
  watch?: boolean
  /** A row for each host, however many there are. */
  hosts?: boolean
}

/** Shows a deployment as it stands, and with `watch` as it comes to stand, to its end. */
export async function showStatus(
  id: string,
  { watch: isWatched = false, hosts: showsAllHosts = false, session }: StatusChoices & { session: Session },
): Promise<number> {
  const { client, json, write, print } = session
  if (isWatched)
    return watch(session, {
      read: (signal) => client.getDeployment(id, { signal }),
      toLines: (view, nowMs) => statusLines(view, { nowMs, showsAllHosts }),
      exitOf: ({ deployment }) => ('endedAt' in deployment.state ? exitOfDeployment(deployment) : undefined),
    })
  const view = await client.getDeployment(id)
  if (json) write(jsonDocument(view))
  else statusLines(view, { nowMs: Date.now(), showsAllHosts }).forEach(print)
  return exitCodes.succeeded
}
