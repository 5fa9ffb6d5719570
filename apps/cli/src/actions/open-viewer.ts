import type { Followed } from '../follow.ts'
import { createJsonLines } from '../render/json.ts'
import { createLines } from '../render/lines.ts'
import { createLive } from '../render/live.ts'
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

/** After following that ended before the deployment did: it goes on, and can be come back to. */
export function sayHowToComeBack(id: string, { view }: Followed, { tell }: Session): void {
  if (view && 'endedAt' in view.deployment.state) return
  tell([`${id} goes on without you. To come back: vesemir logs ${id} -f`])
}
