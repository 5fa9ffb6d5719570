import { count } from '@vesemir/words'
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react'
import { recall, remember } from '../browser-memory.ts'
import type { LiveDeployment } from '../live/live-deployment.ts'
import { leavesOutLines, noLogFilter, readLogFilter } from '../live/log-filter.ts'
import { logText } from '../live/log-text.ts'
import { useLogView } from '../live/use-log-view.ts'
import { addressWith, Link, useAddress } from '../navigation.tsx'
import { useTypedText } from '../use-typed-text.ts'
import { CopyButton } from './copy-button.tsx'
import { downloadLog } from './download-log.ts'
import { LogFilters } from './log-filters.tsx'
import { LogLines, type LogLinesHandle } from './log-lines.tsx'
import { LogSearch } from './log-search.tsx'
import { useLogCursor } from './use-log-cursor.ts'

interface LogPanelProps {
  id: string
  live: LiveDeployment
  /** The number of lines that the log has had, trimmed ones included. */
  end: number
  isCaughtUp: boolean
  /** Whether the deployment may still add lines. */
  isOngoing: boolean
  hosts: readonly string[]
  tasks: readonly string[]
}

/** The log of the whole deployment, of one host or of one task. The address names it, the filters, and the line. */
export function LogPanel({ id, live, end, isCaughtUp, isOngoing, hosts, tasks }: LogPanelProps) {
  const place = useAddress()
  const [text, search] = useTypedText('text')
  const filter = { ...readLogFilter(place.query), text }
  const { host, task } = filter
  const [follows, setFollows] = useState(isOngoing && !place.query.has('line'))
  const [wraps, setWraps] = useLineWrap()
  const section = useRef<HTMLElement>(null)
  const searchBox = useRef<HTMLInputElement>(null)
  const lines = useRef<LogLinesHandle>(null)
  const view = useLogView(live, { filter, end })
  const isPartial = leavesOutLines(filter)
  const cursor = useLogCursor(live, { view, section, lines, isPartial, onGo: () => setFollows(false) })
  const { current, goTo, goToMatch } = cursor
  useSight(section, task)

  const press = actOnKeys({
    '/': () => searchBox.current?.focus(),
    f: () => setFollows(!follows),
    e: () => goTo(view.firstFailure),
    n: () => goToMatch(1),
    N: () => goToMatch(-1),
    j: cursor.goToNext,
    k: cursor.goToPrevious,
  })
  const isEmpty = view.shown.length === 0
  return (
    <section ref={section} className="card log" aria-labelledby="log-heading">
      <header>
        <h2 id="log-heading">Log</h2>
        <LogFilters {...{ filter, hosts, tasks }} />
        <LogSearch {...{ view, filter, current }} onSearch={search} onStep={goToMatch} ref={searchBox} />
        <div className="buttons">
          <button disabled={view.firstFailure === undefined} onClick={() => goTo(view.firstFailure)}>
            First error
          </button>
          <Switch label="Follow" isOn={follows} onSwitch={setFollows} />
          <Switch label="Wrap lines" isOn={wraps} onSwitch={setWraps} />
          <CopyButton what="the lines shown" disabled={isEmpty} textOf={() => logText(live.log, view).join('')} />
          <button disabled={isEmpty} onClick={() => downloadLog(live.log, view, { id, part: host ?? task })}>
            Download
          </button>
        </div>
      </header>
      <LogLines
        {...{ view, end, follows, wraps, current }}
        ref={lines}
        log={live.log}
        search={text}
        onFollows={setFollows}
        hostWidth={host === undefined && task === undefined ? longest(hosts) : undefined}
        onKeyDown={press}
        addressOf={(entry) => addressWith(place, { text, line: entry.id })}
        label={`Log of ${host ?? (task === undefined ? 'the whole deployment' : `task ${task}`)}`}
      />
      <LogFooter lineCount={view.shown.length} {...{ isPartial, isCaughtUp }} />
    </section>
  )
}

/** Whether long lines are wrapped, as they were when the log was last read in this browser. */
function useLineWrap(): [wraps: boolean, setWraps: (wraps: boolean) => void] {
  const [wraps, setWraps] = useState(() => recall('log.wrap') !== 'off')
  return [
    wraps,
    (wanted) => {
      setWraps(wanted)
      remember('log.wrap', wanted ? undefined : 'off')
    },
  ]
}

/** Whoever chooses a task in the table above wants to read what it printed: the log comes into sight. */
function useSight(section: RefObject<HTMLElement | null>, task: string | undefined): void {
  useEffect(() => {
    if (task !== undefined) section.current?.scrollIntoView({ block: 'start' })
  }, [section, task])
}

function actOnKeys(keys: Record<string, () => void>): (event: KeyboardEvent) => void {
  return (event) => {
    const act = keys[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
}

function Switch({ label, isOn, onSwitch }: { label: string; isOn: boolean; onSwitch: (isOn: boolean) => void }) {
  return (
    <button aria-pressed={isOn} onClick={() => onSwitch(!isOn)}>
      {label}
    </button>
  )
}

interface LogFooterProps {
  lineCount: number
  isPartial: boolean
  isCaughtUp: boolean
}

function LogFooter({ lineCount, isPartial, isCaughtUp }: LogFooterProps) {
  const place = useAddress()
  const lines = count(lineCount, 'line')
  return (
    <footer className="sub">
      <span>
        {isCaughtUp ? lines : `Loading: ${lines}`}
        {isPartial && (
          <>
            {lineCount === 0 ? ' match these filters. ' : ' shown. '}
            <Link href={addressWith(place, noLogFilter)}>Show all lines</Link>
          </>
        )}
      </span>
      <span className="keys">
        Keys, with the log focused: <kbd>/</kbd> search, <kbd>n</kbd> next, <kbd>e</kbd> first error, <kbd>f</kbd>{' '}
        follow, <kbd>j</kbd>
        <kbd>k</kbd> line by line
      </span>
    </footer>
  )
}

function longest(names: readonly string[]): number {
  return names.reduce((length, name) => Math.max(length, name.length), 0)
}
