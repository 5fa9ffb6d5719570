import type { ConnectionChange, Deployment, DeploymentView, QueueHold } from '@vesemir/contract'
import type { Text } from '@vesemir/words'
import { connectionLine, eventLines, restoredLine, trimmedLine } from './lines.ts'
import { liveRegion } from './live-region.ts'
import type { EventFilter } from './event-filter.ts'
import { createScreen, type Terminal } from './screen.ts'
import type { Viewer } from './viewer.ts'

/** Ten pictures a second are as smooth as an eye asks of text. */
const drawIntervalMs = 100

interface LiveOptions {
  filter?: EventFilter
  timeZone?: string
  /** Reads what keeps the deployment's jobs waiting. */
  readHolds?: (deployment: Deployment) => Promise<readonly QueueHold[]>
}

const holdsIntervalMs = 5000

/** Shows a deployment on a terminal: its story scrolls by above, and below stands where its hosts are now. */
export function createLive(
  terminal: Terminal,
  { filter = {}, timeZone, readHolds = async () => [] }: LiveOptions = {},
): Viewer {
  const screen = createScreen(terminal)
  let story: Text[] = []
  let view: DeploymentView | undefined
  let holds: readonly QueueHold[] = []
  let lost: Extract<ConnectionChange, { state: 'lost' }> | undefined
  const draw = ({ isLast }: { isLast: boolean }) => {
    const { columns, rows } = terminal
    const region = view ? liveRegion(view, { nowMs: Date.now(), rows: rows - 2, holds, timeZone }) : []
    screen.show({ story, region: lost ? [...region, connectionLine(lost)] : region, columns, isLast })
    story = []
  }
  const drawing = setInterval(draw, drawIntervalMs, { isLast: false })
  const ask = async () => {
    if (view) holds = await readHolds(view.deployment)
  }
  const asking = setInterval(() => void ask(), holdsIntervalMs)
  return {
    begin: (now) => {
      view = now
    },
    event: (event, newView) => {
      view = newView
      story.push(...eventLines(event, newView, { filter, timeZone }))
    },
    trimmed: (notice) => {
      story.push(trimmedLine(notice))
    },
    restored: (notice) => {
      story.push(restoredLine(notice))
    },
    connection: (change) => {
      lost = change.state === 'lost' ? change : undefined
    },
    close: () => {
      clearInterval(drawing)
      clearInterval(asking)
      draw({ isLast: true })
    },
  }
}
