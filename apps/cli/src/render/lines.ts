import type {
  ConnectionChange,
  DeploymentEvent,
  DeploymentView,
  RestoredNotice,
  TrimmedNotice,
} from '@vesemir/contract'
import { locateEvent } from '@vesemir/core'
import { describeEvent, formatTime, quiet, strong, toned, type Text } from '@vesemir/words'
import { selectEvent, type EventFilter } from './event-filter.ts'
import type { Viewer } from './viewer.ts'

/** Shows a deployment as plain lines, for pipes, files and logs. */
export function createLines(options: {
  print: (line: Text) => void
  notify: (line: Text) => void
  filter?: EventFilter
  timeZone?: string | undefined
}): Viewer {
  const { print, notify, filter = {}, timeZone } = options
  return {
    begin: () => {},
    event: (event, view) => {
      eventLines(event, view, { filter, timeZone }).forEach(print)
    },
    trimmed: (notice) => print(trimmedLine(notice)),
    restored: (notice) => print(restoredLine(notice)),
    connection: (change) => notify(connectionLine(change)),
    close: () => {},
  }
}

/** Describes an event that passes the filter, in lines with time, host and step or task: `15:04:05 web-1  drain    lb1 DRAIN`. */
export function eventLines(
  event: DeploymentEvent,
  view: DeploymentView,
  { filter = {}, timeZone }: { filter?: EventFilter; timeZone?: string | undefined },
): Text[] {
  const selected = selectEvent(event, view, filter)
  if (!selected) return []
  const place = locateEvent(event, view)
  const { host = view.deployment.id, step = place.task ?? '' } = place
  const head: Text = [
    quiet(formatTime(event.at, timeZone)),
    ' ',
    strong(host.padEnd(hostWidth(view))),
    '  ',
    toned(step.padEnd(stepWidth), 'command'),
    '  ',
  ]
  return linesOf(selected, view, timeZone).map((line) => [...head, ...line])
}

function linesOf(event: DeploymentEvent, view: DeploymentView, timeZone: string | undefined): Text[] {
  if (event.type === 'log.appended' || event.type === 'task.logged')
    return event.lines.map(({ stream, text }) => [toned('| ', stream === 'stderr' ? 'waiting' : 'quiet'), text])
  const description = describeEvent(event, view, { timeZone })
  return description ? [description.sentence, ...description.details] : []
}

const stepWidth = 'connect'.length
const minHostWidth = 8
const maxHostWidth = 32

const widths = new WeakMap<object, number>()

/** Measured once for each plan, which says which hosts there are. */
function hostWidth({ deployment, hosts }: DeploymentView): number {
  const { id, plan } = deployment
  if (!plan) return Math.max(minHostWidth, id.length)
  const known = widths.get(plan)
  if (known !== undefined) return known
  const names = [id, ...hosts.map(({ target }) => target.name)]
  const width = Math.min(maxHostWidth, Math.max(minHostWidth, ...names.map((name) => name.length)))
  widths.set(plan, width)
  return width
}

/** Says which log lines can no longer be shown. */
export function trimmedLine({ from, to }: TrimmedNotice): Text {
  return [quiet(`Log lines ${from} to ${to} were trimmed`)]
}

/** Says that Redis has lost events, and which come next. */
export function restoredLine({ after }: RestoredNotice): Text {
  return [
    toned('the record was restored', 'waiting'),
    `: Redis lost the events after ${after}; it continues from there`,
  ]
}

/** Says that the connection to the API is lost, or back. */
export function connectionLine(change: ConnectionChange): Text {
  if (change.state === 'back') return ['reconnected']
  return [toned('connection lost', 'waiting'), `, reconnecting: ${change.error.message}`]
}
