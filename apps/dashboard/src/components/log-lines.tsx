import { formatTime } from '@vesemir/words'
import { memo, useEffect, useImperativeHandle, useRef, type CSSProperties, type KeyboardEvent, type Ref } from 'react'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import type { LogEntry, LogStore } from '../live/log-store.ts'
import type { LogView } from '../live/log-view.ts'
import { coloured } from '../live/plain-text.ts'
import { Link } from '../navigation.tsx'

export interface LogLinesHandle {
  /** Scrolls the line at this place of the view into the middle. */
  show: (place: number) => void
}

interface LogLinesProps {
  ref: Ref<LogLinesHandle>
  log: LogStore
  view: LogView
  end: number
  follows: boolean
  onFollows: (follows: boolean) => void
  /** Whether long lines are wrapped; otherwise the log scrolls sideways. */
  wraps: boolean
  /** The place of the line that the address names. */
  current: number | undefined
  search: string
  /** How many characters the longest host's name has; without it no line says its host. */
  hostWidth: number | undefined
  onKeyDown: (event: KeyboardEvent) => void
  addressOf: (entry: LogEntry) => string
  label: string
}

/** The height of a line that is not wrapped: a first guess, before it is measured. */
const lineHeightPx = 19
/** A longer name is cut; pointing at it shows all of it. */
const mostHostWidth = 24
/** How near the end a reader is who wants to see what comes. */
const nearEndPx = 40

/** The lines themselves: only those in sight are in the document, however many there are. */
export function LogLines(props: LogLinesProps) {
  const { ref, log, view, end, follows, onFollows, wraps, current, search, hostWidth, onKeyDown, addressOf, label } =
    props
  const frame = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  const { shown } = view
  useImperativeHandle(ref, () => ({ show: (place) => list.current?.scrollToIndex(place, { align: 'center' }) }))
  useEffect(() => {
    if (follows && shown.length > 0) list.current?.scrollToIndex(shown.length - 1, { align: 'end' })
  }, [follows, shown, end, wraps])
  // Only a person's own scrolling says what they want; lines that come scroll as well.
  const takeOver = () => {
    const { scrollTop, scrollHeight, clientHeight } = frame.current!
    onFollows(scrollHeight - scrollTop - clientHeight < nearEndPx)
  }
  return (
    <div
      ref={frame}
      className="log-lines"
      data-wraps={wraps || undefined}
      role="region"
      aria-label={label}
      tabIndex={0}
      style={{ '--host-width': `${Math.min(hostWidth ?? 0, mostHostWidth)}ch` } as CSSProperties}
      onKeyDown={(event) => {
        if (scrollKeys.has(event.key)) requestAnimationFrame(takeOver)
        else onKeyDown(event)
      }}
      onWheel={() => requestAnimationFrame(takeOver)}
      onTouchMove={takeOver}
      onPointerUp={takeOver}
    >
      {/* The list of lines grows in place: an object of its length says again that it did. */}
      <Virtualizer ref={list} scrollRef={frame} data={{ length: shown.length }} itemSize={lineHeightPx}>
        {(_, place) => {
          const entry = log.at(shown[place]!)
          if (!entry) return <div key={place} className="line" />
          return (
            <Line
              key={entry.id}
              entry={entry}
              isCurrent={place === current}
              search={search}
              showsHost={hostWidth !== undefined}
              address={addressOf(entry)}
            />
          )
        }}
      </Virtualizer>
    </div>
  )
}

const scrollKeys = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' '])

interface LineProps {
  entry: LogEntry
  isCurrent: boolean
  search: string
  showsHost: boolean
  address: string
}

const Line = memo(function Line({ entry, isCurrent, search, showsHost, address }: LineProps) {
  const { at, host, step, task, kind, text } = entry
  return (
    <div className="line" data-kind={kind} data-current={isCurrent || undefined}>
      {/* Not a stop of the Tab key, since there are thousands: the keys j and k go from line to line. */}
      <Link
        className="line-time"
        href={address}
        tabIndex={-1}
        aria-label={`Link to this line, ${at === '' ? '' : formatTime(at)}`}
      >
        {at === '' ? '' : formatTime(at)}
      </Link>
      {showsHost && (
        <span className="line-host" title={host}>
          {host ?? ''}
        </span>
      )}
      <span className="line-step">{step ?? task ?? ''}</span>
      <span className="line-text">
        {kind === 'stderr' && <span className="visually-hidden">stderr: </span>}
        {kind === 'failure' && <span className="visually-hidden">error: </span>}
        {coloured(text).map((piece, index) => (
          <span key={index} className={piece.className || undefined}>
            <Found text={piece.text} search={search} />
          </span>
        ))}
      </span>
    </div>
  )
})

/** Marks what a search finds in a piece of a line. */
function Found({ text, search }: { text: string; search: string }) {
  if (search === '') return text
  const parts: { text: string; isFound: boolean }[] = []
  const [lower, wanted] = [text.toLowerCase(), search.toLowerCase()]
  let from = 0
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(
      { text: text.slice(from, at), isFound: false },
      { text: text.slice(at, at + wanted.length), isFound: true },
    )
    from = at + wanted.length
  }
  parts.push({ text: text.slice(from), isFound: false })
  return parts.map(({ text: part, isFound }, index) => (isFound ? <mark key={index}>{part}</mark> : part))
}
