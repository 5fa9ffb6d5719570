import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { describeHostState, formatTime, strong, toPlainText, type Text } from '@vesemir/words'
import { plain } from '../render/paint.ts'
import type { EventFilter } from '../render/event-filter.ts'
import { createLines, eventLines } from '../render/lines.ts'
import type { Viewer } from '../render/viewer.ts'
import type { CiSystem } from './ci-system.ts'

interface FoldedLinesOptions {
  print: (line: Text) => void
  notify: (line: Text) => void
  /** Writes marks as they are. */
  write: (text: string) => void
  fold: CiSystem['fold']
  filter?: EventFilter
  timeZone?: string | undefined
}

/** What a host has said since it began, or since its last fold. */
interface Kept {
  lines: Text[]
  from: string
  to: string
}

/** A host that says more than this has several folds: what is kept until then is in memory. */
const mostLines = 5000

/**
 * Shows a deployment as lines in which those of a host stand together, folded once it has ended. Lines of the deployment, and what a host
 * waits for, are shown as they come. A host that has not succeeded is open.
 */
export function createFoldedLines(options: FoldedLinesOptions): Viewer {
  const { print, write, fold, filter = {}, timeZone } = options
  const hosts = new Map<string, Kept>()
  let folds = 0
  let last: DeploymentView | undefined
  const show = (host: string, { lines, from, to }: Kept) => {
    hosts.delete(host)
    if (lines.length === 0) return
    folds += 1
    const { title, isOpen } = describeHost(host, last)
    const { begin, end } = fold({ number: folds, title: plain(title), isOpen, from, to })
    write(begin)
    lines.forEach(print)
    write(end)
  }
  return {
    ...createLines(options),
    event: (event, view) => {
      last = view
      const lines = eventLines(event, view, { filter, timeZone })
      if (!('host' in event)) return lines.forEach(print)
      const { host, at } = event
      const kept = hosts.get(host)
      if (!kept && lines.length === 0) return
      if (!kept) print(beginLine(event, timeZone))
      else if (event.type === 'step.waiting') lines.forEach(print)
      const now = kept ?? { lines: [], from: at, to: at }
      now.lines.push(...lines)
      now.to = at
      hosts.set(host, now)
      if (event.type === 'host.ended' || now.lines.length >= mostLines) show(host, now)
    },
    close: () => {
      for (const [host, kept] of hosts) show(host, kept)
    },
  }
}

function beginLine({ at, host }: Extract<DeploymentEvent, { host: string }>, timeZone: string | undefined): Text {
  return [formatTime(at, timeZone), ' ', strong(host), ' started']
}

function describeHost(host: string, view: DeploymentView | undefined): { title: string; isOpen: boolean } {
  const state = view?.hosts.find(({ target }) => target.name === host)?.state
  if (!state) return { title: host, isOpen: true }
  return { title: `${host} ${toPlainText(describeHostState(state))}`, isOpen: state.status !== 'succeeded' }
}
