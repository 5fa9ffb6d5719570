import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { LiveDeployment } from '../live/live-deployment.ts'
import { LogView } from '../live/log-view.ts'
import { addressWith, navigate, usePlace } from '../navigation.tsx'
import { count } from '../words/count.ts'
import { downloadLog } from './download-log.ts'
import { LogLines, type LogLinesHandle } from './log-lines.tsx'

interface LogPanelProps {
  id: string
  live: LiveDeployment
  /** How many lines the log has had: whenever it grows, there is more to show. */
  end: number
  isCaughtUp: boolean
  /** Whether more is to come. */
  goesOn: boolean
  hosts: readonly string[]
}

/** The log of the whole deployment or of one host. What is shown of it is in the address. */
export function LogPanel({ id, live, end, isCaughtUp, goesOn, hosts }: LogPanelProps) {
  const place = usePlace()
  const host = place.query.get('host') ?? undefined
  const line = place.query.get('line') ?? undefined
  const [search, setSearch] = useState('')
  const [follows, setFollows] = useState(goesOn && line === undefined)
  const lines = useRef<LogLinesHandle>(null)
  const section = useRef<HTMLElement>(null)
  /** The line that was last scrolled to. */
  const isShown = useRef<string>(undefined)
  const searchBox = useRef<HTMLInputElement>(null)
  const view = useLogView(live, { host, search, end })
  const current = line === undefined ? undefined : placeOfLine(live, view, line)

  const goTo = (wanted: number | undefined) => {
    const entry = wanted === undefined ? undefined : live.log.at(view.shown[wanted]!)
    if (wanted === undefined || !entry) return
    isShown.current = entry.id
    setFollows(false)
    navigate(addressWith(place, { line: entry.id }), { replace: true })
    lines.current?.show(wanted)
  }
  const goToFound = (step: 1 | -1) => goTo(nextFound(view.found, { from: current, step }))

  // A link to a line leads to it as soon as it has come.
  useEffect(() => {
    if (line === undefined || current === undefined || isShown.current === line) return
    isShown.current = line
    section.current?.scrollIntoView({ block: 'nearest' })
    lines.current?.show(current)
  }, [line, current])

  const keys: Record<string, () => void> = {
    '/': () => searchBox.current?.focus(),
    f: () => setFollows(!follows),
    e: () => goTo(view.firstFailure),
    n: () => goToFound(1),
    N: () => goToFound(-1),
    j: () => goTo(current === undefined ? 0 : Math.min(current + 1, view.shown.length - 1)),
    k: () => goTo(current === undefined ? view.shown.length - 1 : Math.max(current - 1, 0)),
  }
  const press = (event: KeyboardEvent) => {
    const act = keys[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
  return (
    <section ref={section} className="card log" aria-labelledby="log-heading">
      <header>
        <h2 id="log-heading">Log</h2>
        <label>
          <span className="visually-hidden">Of which host</span>
          <select
            value={host ?? ''}
            onChange={({ target }) => navigate(addressWith(place, { host: target.value, line: undefined }))}
          >
            <option value="">Whole deployment</option>
            {hosts.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <form
          className="search"
          role="search"
          aria-label="Log"
          onSubmit={(event) => {
            event.preventDefault()
            goToFound(1)
          }}
        >
          <input
            ref={searchBox}
            type="search"
            value={search}
            placeholder="Search"
            aria-label="Search the log"
            onChange={({ target }) => setSearch(target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !event.shiftKey) return
              event.preventDefault()
              goToFound(-1)
            }}
          />
          <span className="sub" role="status">
            {search === '' ? '' : tellFound(view, current)}
          </span>
          {search !== '' && (
            <>
              <button type="button" aria-label="Previous match" onClick={() => goToFound(-1)}>
                ↑
              </button>
              <button aria-label="Next match">↓</button>
            </>
          )}
        </form>
        <div className="buttons">
          <button disabled={view.firstFailure === undefined} onClick={() => goTo(view.firstFailure)}>
            First error
          </button>
          <button aria-pressed={follows} onClick={() => setFollows(!follows)}>
            Follow
          </button>
          <button disabled={view.shown.length === 0} onClick={() => downloadLog(live.log, view, { id, host })}>
            Download
          </button>
        </div>
      </header>
      <LogLines
        ref={lines}
        log={live.log}
        view={view}
        end={end}
        follows={follows}
        onFollows={setFollows}
        current={current}
        search={search}
        hostWidth={host === undefined ? longest(hosts) : undefined}
        onKeyDown={press}
        addressOf={(entry) => addressWith(place, { line: entry.id })}
        label={host === undefined ? 'Log of the whole deployment' : `Log of ${host}`}
      />
      <footer className="sub">
        {isCaughtUp
          ? count(view.shown.length, 'line')
          : `Reads what has happened so far: ${count(view.shown.length, 'line')}`}
        <span className="keys">
          With the log in focus: <kbd>/</kbd> search, <kbd>n</kbd> next, <kbd>e</kbd> first error, <kbd>f</kbd> follow,{' '}
          <kbd>j</kbd>
          <kbd>k</kbd> line by line
        </span>
      </footer>
    </section>
  )
}

function longest(names: readonly string[]): number {
  return names.reduce((length, name) => Math.max(length, name.length), 0)
}

interface ViewOf {
  host: string | undefined
  search: string
  end: number
}

function useLogView(live: LiveDeployment, { host, search, end }: ViewOf): LogView {
  const [epoch, setEpoch] = useState(0)
  // oxlint-disable-next-line react/exhaustive-deps -- a new epoch is a new view of the same
  const view = useMemo(() => new LogView(live.log, { host, search }), [live, host, search, epoch])
  view.update()
  useEffect(() => {
    if (view.isStale) setEpoch((number) => number + 1)
  }, [view, end])
  return view
}

function placeOfLine(live: LiveDeployment, view: LogView, id: string): number | undefined {
  const number = live.log.find(id)
  return number === undefined ? undefined : view.placeOf(number)
}

function nextFound(
  found: readonly number[],
  { from, step }: { from: number | undefined; step: 1 | -1 },
): number | undefined {
  if (step === 1) return found.find((place) => place > (from ?? -1)) ?? found[0]
  return found.findLast((place) => place < (from ?? Infinity)) ?? found.at(-1)
}

function tellFound({ found }: LogView, current: number | undefined): string {
  if (found.length === 0) return 'Not found'
  const at = current === undefined ? -1 : found.indexOf(current)
  return at === -1 ? `${found.length} found` : `${at + 1} of ${found.length}`
}
