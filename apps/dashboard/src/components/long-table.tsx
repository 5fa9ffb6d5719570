import { useEffect, useEffectEvent, useRef, useState, type ReactElement, type ReactNode } from 'react'

interface LongTableProps<Row> {
  label: string
  className: string
  head: ReactNode
  columns: number
  rows: readonly Row[]
  /** Makes a `tr` with the `aria-rowindex` that is given. */
  children: (row: Row, rowIndex: number) => ReactElement
}

/** Up to so many rows, all of them are in the document. */
const fewRows = 60
const rowsBeyondSight = 15
/** First guesses, until the table has been measured. */
const usualRowHeightPx = 33
const rowsAtFirst = 40

interface Sight {
  from: number
  to: number
  rowHeightPx: number
}

/**
 * A table of rows that all have one height, in a frame that scrolls. Of very many, only those in sight are in the document:
 * laying out thousands of cells takes longer than a frame. Assistive technology is told of the rest.
 */
export function LongTable<Row>({ label, className, head, columns, rows, children }: LongTableProps<Row>) {
  const frame = useRef<HTMLDivElement>(null)
  const [sight, setSight] = useState<Sight>({ from: 0, to: rowsAtFirst, rowHeightPx: usualRowHeightPx })
  const isLong = rows.length > fewRows
  const look = useEffectEvent(() => {
    if (!isLong || !frame.current) return
    const seen = sightOf(frame.current, sight.rowHeightPx)
    if (seen.from !== sight.from || seen.to !== sight.to) setSight(seen)
  })
  // Not after every change, nor before it is painted: to measure is to lay the whole page out, once more than is shown.
  useEffect(() => look(), [rows.length])
  useEffect(() => {
    const observer = new ResizeObserver(() => look())
    observer.observe(frame.current!)
    frame.current!.addEventListener('scroll', () => look(), { passive: true })
    return () => observer.disconnect()
  }, [])
  const [from, to] = isLong ? [Math.min(sight.from, rows.length), Math.min(sight.to, rows.length)] : [0, rows.length]
  return (
    <div ref={frame} className={`table-frame long-table ${className}`} role="region" aria-label={label} tabIndex={0}>
      <table aria-rowcount={rows.length + 1}>
        <thead>{head}</thead>
        <tbody>
          <Gap columns={columns} heightPx={from * sight.rowHeightPx} />
          {rows.slice(from, to).map((row, index) => children(row, from + index + 2))}
          <Gap columns={columns} heightPx={(rows.length - to) * sight.rowHeightPx} />
        </tbody>
      </table>
    </div>
  )
}

/** Holds the place of rows that are not in the document. */
function Gap({ columns, heightPx }: { columns: number; heightPx: number }) {
  if (heightPx === 0) return null
  return (
    <tr className="gap" aria-hidden="true" style={{ height: heightPx }}>
      <td colSpan={columns} />
    </tr>
  )
}

/** In steps of several rows, so that scrolling by a little changes nothing. */
function sightOf(frame: HTMLElement, guessPx: number): Sight {
  const rowHeightPx = frame.querySelector<HTMLElement>('tbody tr:not(.gap)')?.offsetHeight ?? guessPx
  const step = 5
  const first = Math.floor(frame.scrollTop / rowHeightPx / step) * step
  const count = Math.ceil(frame.clientHeight / rowHeightPx / step) * step
  return { from: Math.max(0, first - rowsBeyondSight), to: first + count + step + rowsBeyondSight, rowHeightPx }
}
