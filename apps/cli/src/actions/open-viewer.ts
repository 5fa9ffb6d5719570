import { followDeployment, type Followed, type FollowTo } from '../follow.ts'
import { createJsonLines, jsonLine } from '../render/json.ts'
import { createLines } from '../render/lines.ts'
import { createLive } from '../render/live.ts'
import { outcomeLines } from '../render/next-steps.ts'
import type { EventFilter } from '../render/place.ts'
import type { Viewer } from '../render/viewer.ts'
import type { Session } from '../session.ts'

/** Chooses how a deployment is shown: JSON when asked for, live on a terminal, else plain lines. */
export function openViewer(
  { json, terminal, write, print, tell }: Session,
  { isLive, filter = {} }: { isLive: boolean; filter?: EventFilter },
): Viewer {
  if (json) return createJsonLines({ write, filter })
  return isLive && terminal ? createLive(terminal, { filter }) : createLines({ print, tell, filter })
}

/** Shows a deployment to its end, and then what it came to: in JSON as a last line with the exit code. */
export async function followToEnd(
  id: string,
  { session, ...to }: { session: Session } & Pick<FollowTo, 'after' | 'limitMs' | 'exitOf'>,
): Promise<number> {
  const viewer = openViewer(session, { isLive: true })
  const followed = await followDeployment(id, { client: session.client, viewer, until: 'end', ...to })
  sayWhatItCameTo(id, followed, session)
  const { view, exit } = followed
  if (session.json) session.write(jsonLine({ id, status: view?.deployment.state.status ?? 'queued', exit }))
  return exit
}

/** After following: why hosts failed and what to try, or, of a deployment that goes on, how to come back. */
export function sayWhatItCameTo(id: string, { view, error }: Followed, { json, tell, tellError }: Session): void {
  if (error) tellError(error)
  if (view && 'endedAt' in view.deployment.state) {
    if (!json) outcomeLines(view).forEach(tell)
    return
  }
  tell([`${id} goes on without you. To come back: vesemir logs ${id} -f`])
}
