import { failureAnnotations } from '../ci/annotations.ts'
import { createFoldedLines } from '../ci/folded-lines.ts'
import { followDeployment, type Followed, type FollowTo } from '../follow.ts'
import { createJsonLines, jsonLine } from '../render/json.ts'
import { createLines } from '../render/lines.ts'
import { createLive } from '../render/live.ts'
import { outcomeLines } from '../render/next-steps.ts'
import type { EventFilter } from '../render/event-filter.ts'
import type { Viewer } from '../render/viewer.ts'
import { createOutputTails } from '../reports/output-tails.ts'
import { writeReports, type ReportOptions } from '../reports/write-reports.ts'
import type { Session } from '../session.ts'
import { readHolds } from './read-holds.ts'

/** Chooses how a deployment is shown: JSON when asked for, live on a terminal, folded in a CI job, else plain lines. */
export function openViewer(
  { json, terminal, client, ci, write, print, notify }: Session,
  { isLive, filter = {} }: { isLive: boolean; filter?: EventFilter },
): Viewer {
  if (json) return createJsonLines({ write, filter })
  if (isLive && terminal)
    return createLive(terminal, { filter, readHolds: (deployment) => readHolds(client, [deployment]) })
  return ci
    ? createFoldedLines({ print, notify, write, fold: ci.fold, filter })
    : createLines({ print, notify, filter })
}

/** Shows a deployment to its end, then its outcome: in JSON as a last line with the exit code; and writes the reports of it. */
export async function followToEnd(
  id: string,
  {
    session,
    reports,
    ...to
  }: { session: Session; reports: ReportOptions } & Pick<FollowTo, 'after' | 'limitMs' | 'exitOf'>,
): Promise<number> {
  const tails = createOutputTails()
  const viewer = tails.watching(openViewer(session, { isLive: true }))
  const followed = await followDeployment(id, { client: session.client, viewer, until: 'end', ...to })
  printOutcome(id, followed, session)
  const { view, exit } = followed
  if (view) await writeReports(reports, { view, outputOf: tails.of, session })
  if (session.json) session.write(jsonLine({ id, status: view?.deployment.state.status ?? 'queued', exit }))
  return exit
}

/** Prints why hosts failed and what to try next, or how to follow a deployment that is still running. */
export function printOutcome(id: string, { view, error }: Followed, session: Session): void {
  const { json, notify, notifyError, annotate } = session
  if (error) notifyError(error)
  if (view && 'endedAt' in view.deployment.state) {
    if (!json) outcomeLines(view).forEach(notify)
    failureAnnotations(view).forEach(annotate)
    return
  }
  notify([`${id} is still running. Follow it: vesemir logs ${id} -f`])
}
