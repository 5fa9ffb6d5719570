import { count } from '@vesemir/words'
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react'
import type { LiveDeployment } from '../live/live-deployment.ts'
import { useLogView } from '../live/use-log-view.ts'
import { addressWith, navigate, useAddress } from '../navigation.tsx'
import { downloadLog } from './download-log.ts'
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

/** The log of the whole deployment, of one host or of one task. The address names it, and the line. */
export function LogPanel({ id, live, end, isCaughtUp, isOngoing, hosts, tasks }: LogPanelProps) {
  const place = useAddress()
  const host = place.query.get('host') ?? undefined
  const task = place.query.get('task') ?? undefined
  const [search, setSearch] = useState('')
  const [follows, setFollows] = useState(isOngoing && !place.query.has('line'))
  const section = useRef<HTMLElement>(null)
  const searchBox = useRef<HTMLInputElement>(null)
  const lines = useRef<LogLinesHandle>(null)
  const view = useLogView(live, { host, task, search, end })
  const cursor = useLogCursor(live, { view, section, lines, onGo: () => setFollows(false) })
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
  return (
    <section ref={section} className="card log" aria-labelledby="log-heading">
      <header>
        <h2 id="log-heading">Log</h2>
        <PartChoice {...{ host, task, hosts, tasks }} />
        <LogSearch {...{ view, current, search }} onSearch={setSearch} onStep={goToMatch} ref={searchBox} />
        <div className="buttons">
          <button disabled={view.firstFailure === undefined} onClick={() => goTo(view.firstFailure)}>
            First error
          </button>
          <button aria-pressed={follows} onClick={() => setFollows(!follows)}>
            Follow
          </button>
          <button
            disabled={view.shown.length === 0}
            onClick={() => downloadLog(live.log, view, { id, part: host ?? task })}
          >
            Download
          </button>
        </div>
      </header>
      <LogLines
        {...{ view, end, follows, current, search }}
        ref={lines}
        log={live.log}
        onFollows={setFollows}
        hostWidth={host === undefined && task === undefined ? longest(hosts) : undefined}
        onKeyDown={press}
        addressOf={(entry) => addressWith(place, { line: entry.id })}
        label={`Log of ${host ?? (task === undefined ? 'the whole deployment' : `task ${task}`)}`}
      />
      <LogFooter lineCount={view.shown.length} isCaughtUp={isCaughtUp} />
    </section>
  )
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

interface PartChoiceProps extends Pick<LogPanelProps, 'hosts' | 'tasks'> {
  host: string | undefined
  task: string | undefined
}

/** Chooses whose lines are shown. A host and a task may have one name. */
function PartChoice({ host, task, hosts, tasks }: PartChoiceProps) {
  const place = useAddress()
  const choose = (chosen: string) => {
    const [kind, name] = [chosen.slice(0, chosen.indexOf(' ')), chosen.slice(chosen.indexOf(' ') + 1)]
    const part = { host: kind === 'host' ? name : undefined, task: kind === 'task' ? name : undefined }
    navigate(addressWith(place, { ...part, line: undefined }))
  }
  return (
    <label>
      <span className="visually-hidden">{tasks.length > 0 ? 'Host or task' : 'Host'}</span>
      <select
        value={host !== undefined ? `host ${host}` : task !== undefined ? `task ${task}` : ''}
        onChange={({ target }) => choose(target.value)}
      >
        <option value="">Whole deployment</option>
        {hosts.map((name) => (
          <option key={`host ${name}`} value={`host ${name}`}>
            {name}
          </option>
        ))}
        {tasks.map((name) => (
          <option key={`task ${name}`} value={`task ${name}`}>
            Task {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function LogFooter({ lineCount, isCaughtUp }: { lineCount: number; isCaughtUp: boolean }) {
  const lines = count(lineCount, 'line')
  return (
    <footer className="sub">
      {isCaughtUp ? lines : `Loading: ${lines}`}
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
