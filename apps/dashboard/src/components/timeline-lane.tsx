import type { KeyboardEvent, PointerEvent } from 'react'
import { nearestBar, type DrawnBar, type DrawnLane } from './lane-bars.ts'

interface TimelineLaneProps {
  lane: DrawnLane
  /** Times in which the deployment stood still, or that are drawn shorter than they were. */
  bands: readonly Band[]
  /** The bar whose details are shown, when it is of this row. */
  active: number | undefined
  /** Whether this row is the one that Tab goes to. */
  isFirst: boolean
  onActive: (bar: number) => void
}

/** A stretch of all rows. */
export interface Band {
  from: number
  to: number
  kind: 'waiting' | 'shortened'
}

/**
 * One row of bars. The arrow keys go from bar to bar and from row to row: hundreds of rows with ten bars each must be one stop of
 * the Tab key.
 */
export function TimelineLane({ lane, bands, active, isFirst, onActive }: TimelineLaneProps) {
  const { name, bars } = lane
  const at = active ?? 0
  const drawn = (
    <>
      {bands.map((band) => (
        <span key={`${band.kind} ${band.from}`} className="band" data-kind={band.kind} style={placeOf(band)} />
      ))}
      {bars.map((bar, index) => (
        <Bar key={`${bar.label} ${bar.from} ${index}`} bar={bar} isActive={active === index} />
      ))}
    </>
  )
  if (bars.length === 0) return <div className="lane">{drawn}</div>
  const point = ({ currentTarget, clientX }: PointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect()
    onActive(nearestBar(bars, (clientX - left) / width))
  }
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key]
    if (next !== undefined) onActive(Math.min(bars.length - 1, Math.max(0, next)))
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') focusRow(event.currentTarget, event.key)
    else return
    event.preventDefault()
  }
  return (
    <div
      className="lane"
      role="slider"
      aria-label={name}
      aria-valuemin={1}
      aria-valuemax={bars.length}
      aria-valuenow={at + 1}
      aria-valuetext={bars[at]?.sentence}
      tabIndex={isFirst ? 0 : -1}
      onPointerMove={point}
      onPointerDown={point}
      onFocus={() => onActive(at)}
      onKeyDown={move}
    >
      {drawn}
    </div>
  )
}

function focusRow(lane: HTMLElement, key: 'ArrowUp' | 'ArrowDown'): void {
  const lanes = [...lane.closest('table')!.querySelectorAll<HTMLElement>('.lane[role="slider"]')]
  lanes[lanes.indexOf(lane) + (key === 'ArrowUp' ? -1 : 1)]?.focus()
}

function Bar({ bar, isActive }: { bar: DrawnBar; isActive: boolean }) {
  const { from, to, tone, label, outcome, waits } = bar
  const within = ({ from: start, to: end }: { from: number; to: number }) => ({
    from: (start - from) / (to - from),
    to: (end - from) / (to - from),
  })
  return (
    <span
      className="bar"
      data-tone={tone}
      data-outcome={outcome}
      data-active={isActive || undefined}
      style={placeOf(bar)}
    >
      {to > from &&
        waits.map((wait) => (
          <span key={wait.from} className="bar-wait" data-tone="waiting" style={placeOf(within(wait))} />
        ))}
      <span className="bar-name">{label}</span>
    </span>
  )
}

function placeOf({ from, to }: { from: number; to: number }): { left: string; width: string } {
  return { left: `${from * 100}%`, width: `${Math.max(0, to - from) * 100}%` }
}
