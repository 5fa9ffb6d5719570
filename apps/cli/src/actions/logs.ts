import { followDeployment } from '../follow.ts'
import type { EventFilter } from '../render/event-filter.ts'
import type { Session } from '../session.ts'
import { findLatest } from './find-latest.ts'
import { openViewer, printOutcome } from './open-viewer.ts'

export interface LogsOptions extends EventFilter {
  follow?: boolean
  after: number
}

/** Shows what happened in a deployment, and with `follow` what happens. */
export async function showLogs(idOrLatest: string, options: LogsOptions, session: Session): Promise<number> {
  const { follow = false, after, host, step, task, text, stderr } = options
  const id = await findLatest(idOrLatest, session.client)
  const viewer = openViewer(session, { isLive: follow, filter: { host, step, task, text, stderr } })
  const followed = await followDeployment(id, { client: session.client, viewer, after, until: follow ? 'end' : 'now' })
  if (follow && followed.view) printOutcome(id, followed, session)
  else if (followed.error) session.notifyError(followed.error)
  return followed.exit
}
