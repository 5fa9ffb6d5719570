import { stepNames, type DeploymentView, type HostRecord, type PlannedWave, type StepRecord } from '@vesemir/contract'
import { needsAttention } from '@vesemir/core'
import { count, formatDuration, formatElapsed, hostStatus, stepPurposes } from '@vesemir/words'
import { memo, useState } from 'react'
import { addressWith, Link, navigate, useAddress, type Address } from '../navigation.tsx'
import { useNow } from '../use-now.ts'
import { LongTable } from './long-table.tsx'
import { capitalize, Mark, Status } from './mark.tsx'

const groups = {
  all: { label: 'All', holds: () => true },
  attention: { label: 'Need attention', holds: needsAttention },
  running: { label: 'In progress', holds: ({ state }) => state.status === 'running' },
  pending: { label: 'Not started', holds: ({ state }) => state.status === 'pending' },
  done: { label: 'Done', holds: ({ state }) => state.status === 'succeeded' || state.status === 'rolled-back' },
} as const satisfies Record<string, { label: string; holds: (host: HostRecord) => boolean }>
type Group = keyof typeof groups

/** A row of the grid: a host, or the name of a wave before its hosts. */
type Row = { host: HostRecord } | { wave: number; title: string }

/** With more hosts than this, the grid can be searched by name. */
const fewHosts = 20

/** Hosts × steps: the progress of each host. */
export function HostGrid({ view: { deployment, hosts } }: { view: DeploymentView }) {
  const place = useAddress()
  const [name, setName] = useState('')
  const group = groupOf(place)
  const chosen = hosts.filter((host) => groups[group].holds(host) && host.target.name.includes(name.trim()))
  return (
    <>
      <div className="choices">
        <GroupChoice hosts={hosts} group={group} place={place} />
        {hosts.length > fewHosts && (
          <input
            type="search"
            className="find-host"
            placeholder="Find a host"
            aria-label="Find a host"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </div>
      <LongTable
        label="Hosts and their steps"
        className="host-grid"
        head={head}
        columns={2 + stepNames.length}
        rows={rowsOf(chosen, deployment.plan?.waves ?? [])}
      >
        {(row, rowIndex) =>
          'host' in row ? (
            <HostRow
              key={row.host.target.name}
              host={row.host}
              rowIndex={rowIndex}
              isSelected={row.host.target.name === place.query.get('host')}
            />
          ) : (
            <WaveRow key={row.wave} title={row.title} rowIndex={rowIndex} />
          )
        }
      </LongTable>
      {chosen.length === 0 && <p className="empty">No hosts match.</p>}
    </>
  )
}

const head = (
  <tr>
    <th scope="col">Host</th>
    <th scope="col">State</th>
    {stepNames.map((step) => (
      <th key={step} scope="col" title={stepPurposes[step]}>
        {capitalize(step)}
      </th>
    ))}
  </tr>
)

function rowsOf(hosts: readonly HostRecord[], waves: readonly PlannedWave[]): Row[] {
  if (waves.length < 2) return hosts.map((host) => ({ host }))
  return waves.flatMap((wave, index): Row[] => {
    const own = hosts.filter((host) => host.wave === index + 1)
    if (own.length === 0) return []
    return [{ wave: index + 1, title: waveTitle(wave, index + 1) }, ...own.map((host) => ({ host }))]
  })
}

function groupOf({ query }: Address): Group {
  const name = query.get('hosts') ?? 'all'
  return name in groups ? (name as Group) : 'all'
}

function GroupChoice({ hosts, group, place }: { hosts: readonly HostRecord[]; group: Group; place: Address }) {
  return (
    <div className="choices" role="group" aria-label="Which hosts">
      {(Object.keys(groups) as Group[]).map((name) => (
        <button
          key={name}
          className="chip"
          aria-pressed={name === group}
          onClick={() => navigate(addressWith(place, { hosts: name === 'all' ? undefined : name }), { replace: true })}
        >
          {groups[name].label} <span className="tally">{hosts.filter(groups[name].holds).length}</span>
        </button>
      ))}
    </div>
  )
}

function waveTitle({ hosts, concurrency, zone }: PlannedWave, number: number): string {
  const where = zone === undefined ? '' : ` in ${zone}`
  return `Wave ${number}: ${count(hosts, 'host')}${where}, ${concurrency} at a time`
}

function WaveRow({ title, rowIndex }: { title: string; rowIndex: number }) {
  return (
    <tr className="wave-row" aria-rowindex={rowIndex}>
      <td colSpan={2 + stepNames.length}>
        <span>{title}</span>
      </td>
    </tr>
  )
}

/** Rendered again only when this host has changed: an event leaves the records of all others as they are. */
const HostRow = memo(function HostRow({
  host,
  rowIndex,
  isSelected,
}: {
  host: HostRecord
  rowIndex: number
  isSelected: boolean
}) {
  const { target, state } = host
  const why = reasonOf(state)
  return (
    <tr aria-rowindex={rowIndex} data-selected={isSelected || undefined}>
      <th scope="row">
        <HostLink name={target.name} isSelected={isSelected} />
      </th>
      <td className="host-state">
        <Status shown={hostStatus(state)} />
        {why !== undefined && (
          <span className="sub" title={why}>
            {why}
          </span>
        )}
      </td>
      {stepNames.map((step) => (
        <StepCell
          key={step}
          record={host.steps.find((known) => known.step === step)}
          isOver={state.status !== 'running'}
        />
      ))}
    </tr>
  )
})

function reasonOf(state: HostRecord['state']): string | undefined {
  if (state.status === 'running') return state.waitingFor === undefined ? undefined : `waiting for ${state.waitingFor}`
  return 'failure' in state ? state.failure?.message : undefined
}

function HostLink({ name, isSelected }: { name: string; isSelected: boolean }) {
  const place = useAddress()
  const address = addressWith(place, { host: isSelected ? undefined : name, line: undefined })
  return (
    <Link href={address} aria-current={isSelected ? 'true' : undefined}>
      {name}
    </Link>
  )
}

function StepCell({ record, isOver }: { record: StepRecord | undefined; isOver: boolean }) {
  if (!record) return <td className="step" />
  const { status, durationMs = 0, note } = record
  const title = note === undefined ? undefined : note
  switch (status) {
    case 'running':
      return (
        <td className="step" data-status={isOver ? 'cut' : 'running'} title={title}>
          {isOver ? <span>interrupted</span> : <Elapsed since={record.startedAt} />}
        </td>
      )
    case 'succeeded':
      return (
        <td className="step" data-status="succeeded" title={title}>
          <Mark tone="good" />
          <span className="visually-hidden">done in </span>
          {formatDuration(durationMs)}
        </td>
      )
    case 'failed':
      return (
        <td className="step" data-status="failed" title={title}>
          <Mark tone="bad" />
          <span className="visually-hidden">failed after </span>
          {formatDuration(durationMs)}
        </td>
      )
    case 'skipped':
      return (
        <td className="step" data-status="skipped" title={title}>
          <span>skipped</span>
        </td>
      )
  }
}

function Elapsed({ since }: { since: string }) {
  const nowMs = useNow()
  return (
    <>
      <Mark tone="active" />
      <span className="visually-hidden">for </span>
      {formatElapsed(nowMs - Date.parse(since))}
    </>
  )
}
