import type { SubmitEvent } from 'react'
import { deploymentStatuses } from '@vesemir/words'
import { escapeDirectionMarks } from '../escape-direction-marks.ts'
import { lastWeek } from '../last-week.ts'
import { addressWith, Link, navigate, type Address } from '../navigation.tsx'
import { useSession } from '../session.tsx'
import { useNarrow } from '../use-narrow.ts'
import { capitalize } from './mark.tsx'

/** What can be chosen: the values that are known. */
export interface FilterOptions {
  application: string[]
  environment: string[]
  team: string[]
}

/** Fields that are typed, with their labels. */
const texts = { text: 'Words', version: 'Version', host: 'Host', by: 'Requested by' } as const
const days = { since: 'From', until: 'To' } as const

/** The filters of the list. All are in the address: what is chosen applies at once, what is typed with *Search*. */
export function DeploymentFilters({ place, options }: { place: Address; options: FilterOptions }) {
  const { name: ownName } = useSession()
  const isNarrow = useNarrow()
  const change = (changes: Record<string, string>) =>
    navigate(addressWith(place, { ...changes, before: undefined }), { replace: true })
  const search = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    change(Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>)
  }
  const named = (names: string[]): [string, string][] => names.map((name) => [name, name])
  const select = (name: string, label: string, choices: [string, string][]) => (
    <Choice
      label={label}
      value={place.query.get(name) ?? ''}
      choices={choices}
      onChange={(value) => change({ [name]: value })}
    />
  )
  const field = (name: string, label: string, type: 'text' | 'date') => (
    <label key={`${name} ${place.query.get(name)}`}>
      {label}
      <input name={name} type={type} defaultValue={place.query.get(name) ?? ''} />
    </label>
  )
  const used = [...Object.keys(texts), ...Object.keys(days)].filter((name) => place.query.has(name)).length
  const typed = (
    <>
      {Object.entries(texts).map(([name, label]) => field(name, label, 'text'))}
      {Object.entries(days).map(([name, label]) => field(name, label, 'date'))}
      <button>Search</button>
    </>
  )
  return (
    <form className="filters" role="search" aria-label="Deployments" onSubmit={search}>
      {select('application', 'Application', named(options.application))}
      {select('environment', 'Environment', named(options.environment))}
      {select('team', 'Team', named(options.team))}
      {select('status', 'State', statusChoices)}
      {/* Where there is little room, the list comes before the fields that few need. */}
      {isNarrow ? (
        <details>
          <summary>More filters{used > 0 && ` (${used} set)`}</summary>
          <div className="filters">{typed}</div>
        </details>
      ) : (
        typed
      )}
      <Link href={addressWith(place, { by: ownName, before: undefined })}>Mine</Link>
      <Link href={addressWith(place, { ...lastWeek(new Date()), before: undefined })}>Last week</Link>
      {place.query.size > 0 && <Link href={place.path}>Clear filters</Link>}
    </form>
  )
}

interface ChoiceProps {
  label: string
  value: string
  choices: [value: string, text: string][]
  onChange: (value: string) => void
}

function Choice({ label, value, choices, onChange }: ChoiceProps) {
  const isKnown = value === '' || choices.some(([choice]) => choice === value)
  return (
    <label>
      {label}
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">All</option>
        {[...choices, ...(isKnown ? [] : [[value, escapeDirectionMarks(value)] as const])].map(([choice, text]) => (
          <option key={choice} value={choice}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

const statusChoices = Object.entries(deploymentStatuses).map(([status, { text }]): [string, string] => [
  status,
  capitalize(text),
])
