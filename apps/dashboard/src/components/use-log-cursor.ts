import { useEffect, useRef, type RefObject } from 'react'
import type { LiveDeployment } from '../live/live-deployment.ts'
import type { LogView } from '../live/log-view.ts'
import { addressWith, navigate, useAddress } from '../navigation.tsx'
import type { LogLinesHandle } from './log-lines.tsx'

interface LogCursorOptions {
  view: LogView
  section: RefObject<HTMLElement | null>
  lines: RefObject<LogLinesHandle | null>
  /** Whether filters leave out lines around it. */
  isPartial: boolean
  /** The reader has gone to a line. */
  onGo: () => void
}

/** The line that the reader is at, and the ways from there. */
export interface LogCursor {
  /** Its place in what is shown. */
  current: number | undefined
  goTo: (place: number | undefined) => void
  /** Goes to the next line that matches the search, or to the one before. */
  goToMatch: (step: 1 | -1) => void
  goToNext: () => void
  goToPrevious: () => void
}

/** Keeps the line that the reader is at in the address, and in sight. */
export function useLogCursor(
  live: LiveDeployment,
  { view, section, lines, isPartial, onGo }: LogCursorOptions,
): LogCursor {
  const place = useAddress()
  const line = place.query.get('line') ?? undefined
  const current = line === undefined ? undefined : placeOfLine(live, view, line)
  /** The line that was last scrolled to, alone or among all others. */
  const isShown = useRef<string>(undefined)
  const keyOf = (id: string) => `${id} ${isPartial}`

  // A link to a line leads to it as soon as it has come, and again when filters no longer hide the lines around it.
  useEffect(() => {
    if (line === undefined || current === undefined || isShown.current === keyOf(line)) return
    isShown.current = keyOf(line)
    section.current?.scrollIntoView({ block: 'nearest' })
    lines.current?.show(current)
  }, [line, current, isPartial])

  const goTo = (wanted: number | undefined) => {
    const entry = wanted === undefined ? undefined : live.log.at(view.shown[wanted]!)
    if (wanted === undefined || !entry) return
    isShown.current = keyOf(entry.id)
    onGo()
    navigate(addressWith(place, { line: entry.id }), { replace: true })
    lines.current?.show(wanted)
  }
  const last = view.shown.length - 1
  return {
    current,
    goTo,
    goToMatch: (step) => goTo(nextMatch(view.found, { from: current, step })),
    goToNext: () => goTo(current === undefined ? 0 : Math.min(current + 1, last)),
    goToPrevious: () => goTo(current === undefined ? last : Math.max(current - 1, 0)),
  }
}

function placeOfLine(live: LiveDeployment, view: LogView, id: string): number | undefined {
  const number = live.log.find(id)
  return number === undefined ? undefined : view.subjectOf(number)
}

function nextMatch(
  found: readonly number[],
  { from, step }: { from: number | undefined; step: 1 | -1 },
): number | undefined {
  if (step === 1) return found.find((place) => place > (from ?? -1)) ?? found[0]
  return found.findLast((place) => place < (from ?? Infinity)) ?? found.at(-1)
}
