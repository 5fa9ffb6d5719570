import { stepNames } from '@vesemir/contract'
import type { LogFilter } from '../live/log-filter.ts'
import { addressWith, navigate, useAddress } from '../navigation.tsx'
import { capitalize } from './mark.tsx'

interface LogFiltersProps {
  filter: LogFilter
  hosts: readonly string[]
  tasks: readonly string[]
}

/** Chooses whose lines are shown, of which step, and whether of stderr alone. A host and a task may have one name. */
export function LogFilters({ filter: { host, task, step, isStderrOnly }, hosts, tasks }: LogFiltersProps) {
  const place = useAddress()
  const change = (changes: Record<string, string | undefined>) =>
    navigate(addressWith(place, { ...changes, line: undefined }))
  const choosePart = (chosen: string) => {
    const [kind, name] = [chosen.slice(0, chosen.indexOf(' ')), chosen.slice(chosen.indexOf(' ') + 1)]
    if (kind === 'task') change({ host: undefined, task: name, step: undefined })
    else change({ host: kind === 'host' ? name : undefined, task: undefined })
  }
  return (
    <>
      <label>
        <span className="visually-hidden">{tasks.length > 0 ? 'Host or task' : 'Host'}</span>
        <select
          value={host !== undefined ? `host ${host}` : task !== undefined ? `task ${task}` : ''}
          onChange={({ target }) => choosePart(target.value)}
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
      {/* A task has no steps. */}
      {task === undefined && (
        <label>
          <span className="visually-hidden">Step</span>
          <select value={step ?? ''} onChange={({ target }) => change({ step: target.value })}>
            <option value="">All steps</option>
            {stepNames.map((name) => (
              <option key={name} value={name}>
                {capitalize(name)}
              </option>
            ))}
          </select>
        </label>
      )}
      <button aria-pressed={isStderrOnly} onClick={() => change({ output: isStderrOnly ? undefined : 'stderr' })}>
        Only stderr
      </button>
    </>
  )
}
