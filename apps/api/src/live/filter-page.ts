import type { DeploymentEvent, EventPage, EventQuery } from '@vesemir/contract'
import type { z } from 'zod'

/** Which log lines a viewer wants; of what changes state it always gets all. */
export type LogFilter = Pick<z.output<typeof EventQuery>, 'host' | 'level'>

/** Leaves out the log lines that are not wanted. Cursor, gaps and end stay the page's own. */
export function filterPage(page: EventPage, filter: LogFilter): EventPage {
  if (filter.host === undefined && filter.level === undefined) return page
  return { ...page, events: page.events.flatMap((event) => filterEvent(event, filter)) }
}

function filterEvent(event: DeploymentEvent, { host, level }: LogFilter): DeploymentEvent[] {
  if (event.type !== 'log.appended' && event.type !== 'task.logged') return [event]
  // A task's output is no host's, wherever the task runs.
  if (host !== undefined && (event.type === 'task.logged' || event.host !== host)) return []
  const lines = level === undefined ? event.lines : event.lines.filter(({ stream }) => stream === level)
  return lines.length === 0 ? [] : [{ ...event, lines }]
}
