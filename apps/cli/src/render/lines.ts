import type { ConnectionChange, DeploymentEvent, DeploymentView, TrimmedNotice } from '@vesemir/contract'
import { describeEvent, formatTime, quiet, strong, toned, type Text } from '@vesemir/words'
import { isMeant, placeOf, type EventFilter } from './place.ts'
import type { Viewer } from './viewer.ts'

/** Shows a deployment as plain lines, one for each fact: for pipes, files and logs. */
export function createLines(options: {
  print: (line: Text) => void
  tell: (line: Text) => void
  filter?: EventFilter
  timeZone?: string | undefined
}): Viewer {
  const { print, tell, filter = {}, timeZone } = options
  return {
    begin: () => {},
    event: (event, view) => {
      eventLines(event, view, { filter, timeZone }).forEach(print)
    },
    trimmed: (notice) => print(trimmedLine(notice)),
    connection: (change) => tell(connectionLine(change)),
    close: () => {},
  }
}

/** Says an event, when it is meant, in lines with their time, place and step: `15:04:05 web-1  drain    lb1 DRAIN`. */
export function eventLines(
  event: DeploymentEvent,
  view: DeploymentView,
  { filter = {}, timeZone }: { filter?: EventFilter; timeZone?: string | undefined },
): Text[] {
  const place = placeOf(event, view)
  if (!isMeant(place, filter)) return []
  const { host = view.deployment.id, step = '' } = place
  const head: Text = [
    quiet(formatTime(event.at, timeZone)),
    ' ',
    strong(host.padEnd(placeWidth(view))),
    '  ',
    toned(step.padEnd(stepWidth), 'command'),
    '  ',
  ]
  return linesOf(event, view, timeZone).map((line) => [...head, ...line])
}

function linesOf(event: DeploymentEvent, view: DeploymentView, timeZone: string | undefined): Text[] {
  if (event.type === 'log.appended')
    return event.lines.map(({ stream, text }) => [toned('| ', stream === 'stderr' ? 'waiting' : 'quiet'), text])
  const description = describeEvent(event, view, { timeZone })
  return description ? [description.sentence, ...description.details] : []
}

const stepWidth = 'connect'.length
const narrowestPlace = 8
const widestPlace = 32

const widths = new WeakMap<object, number>()

/** The plan says which hosts there are: of each it is looked but once how long their names are. */
function placeWidth({ deployment, hosts }: DeploymentView): number {
  const { id, plan } = deployment
  if (!plan) return Math.max(narrowestPlace, id.length)
  const known = widths.get(plan)
  if (known !== undefined) return known
  const names = [id, ...hosts.map(({ target }) => target.name)]
  const width = Math.min(widestPlace, Math.max(narrowestPlace, ...names.map((name) => name.length)))
  widths.set(plan, width)
  return width
}

/** Says which log lines can no longer be shown. */
export function trimmedLine({ from, to }: TrimmedNotice): Text {
  return [quiet(`the log lines numbered ${from} to ${to} were trimmed: they are gone`)]
}

/** Says that the API is away, or back. */
export function connectionLine(change: ConnectionChange): Text {
  if (change.state === 'back') return ['connected again']
  return [toned('connection lost', 'waiting'), `, trying again: ${change.error.message}`]
}
