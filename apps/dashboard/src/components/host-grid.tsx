import { stepNames, type DeploymentView, type HostRecord, type PlannedWave, type StepRecord } from '@vesemir/contract'
import { memo } from 'react'
import { addressWith, Link, navigate, usePlace, type Place } from '../navigation.tsx'
import { useNow } from '../use-now.ts'
import { count } from '../words/count.ts'
import { hostStatuses, needsAttention, stepWords } from '../words/status.ts'
import { shortDuration, wholeSeconds } from '../words/time.ts'
import { Mark, Status } from './mark.tsx'

const groups = {
  all: { label: 'All', holds: () => true },
  attention: { label: 'Need attention', holds: needsAttention },
  running: { label: 'In progress', holds: ({ state }) => state.status === 'running' },
  pending: { label: 'Waiting', holds: ({ state }) => state.status === 'pending' },
  done: { label: 'Done', holds: ({ state }) => state.status === 'succeeded' || state.status === 'rolled-back' },
} as const satisfies Record<string, { label: string; holds: (host: HostRecord) => boolean }>
type Group = keyof typeof groups

/** Hosts × steps: how far each host is in its walk. */
export function HostGrid({ view: { deployment, hosts } }: { view: DeploymentView }) {
  const place = usePlace()
  const waves = deployment.plan?.waves ?? []
  const group = groupOf(place)
  const chosen = hosts.filter(groups[group].holds)
  return (
    <>
      <GroupChoice hosts={hosts} group={group} place={place} />
      <div className="table-frame host-grid" role="region" aria-label="Hosts and their steps" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">State</th>
              {stepNames.map((step) => (
                <th key={step} scope="col" title={stepWords[step].does}>
                  {stepWords[step].label}
                </th>
              ))}
            </tr>
          </thead>
          {waves.map((wave, index) => (
            <WaveRows
              key={index}
              title={waves.length > 1 ? waveTitle(wave, index + 1) : undefined}
              hosts={chosen.filter((host) => host.wave === index + 1)}
              selected={place.query.get('host')}
            />
          ))}
        </table>
        {chosen.length === 0 && <p className="empty">No host is in this state.</p>}
      </div>
    </>
  )
}

function groupOf({ query }: Place): Group {
  const name = query.get('hosts') ?? 'all'
  return name in groups ? (name as Group) : 'all'
}

function GroupChoice({ hosts, group, place }: { hosts: readonly HostRecord[]; group: Group; place: Place }) {
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
  return `Wave ${number}: ${count(hosts, 'host')}${where}, ${concurrency} at once`
}

function WaveRows({
  title,
  hosts,
  selected,
}: {
  title: string | undefined
  hosts: readonly HostRecord[]
  selected: string | null
}) {
  if (hosts.length === 0) return null
  return (
    <tbody>
      {title !== undefined && (
        <tr className="wave-row">
          <th scope="rowgroup" colSpan={2 + stepNames.length}>
            <span>{title}</span>
          </th>
        </tr>
      )}
      {hosts.map((host) => (
        <HostRow key={host.target.name} host={host} isSelected={host.target.name === selected} />
      ))}
    </tbody>
  )
}

/** Made anew only when this host has changed: an event leaves the records of all others as they are. */
const HostRow = memo(function HostRow({ host, isSelected }: { host: HostRecord; isSelected: boolean }) {
  const { target, state } = host
  const why = reasonOf(state)
  return (
    <tr data-selected={isSelected || undefined}>
      <th scope="row">
        <HostLink name={target.name} isSelected={isSelected} />
      </th>
      <td className="host-state">
        <Status shown={hostStatuses[state.status]} />
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
  if (state.status === 'running') return state.waitingFor === undefined ? undefined : `waits for ${state.waitingFor}`
  return 'failure' in state ? state.failure?.message : undefined
}

function HostLink({ name, isSelected }: { name: string; isSelected: boolean }) {
  const place = usePlace()
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
          {isOver ? <span>cut short</span> : <Elapsed since={record.startedAt} />}
        </td>
      )
    case 'succeeded':
      return (
        <td className="step" data-status="succeeded" title={title}>
          <Mark tone="good" />
          <span className="visually-hidden">done in </span>
          {shortDuration(durationMs)}
        </td>
      )
    case 'failed':
      return (
        <td className="step" data-status="failed" title={title}>
          <Mark tone="bad" />
          <span className="visually-hidden">failed after </span>
          {shortDuration(durationMs)}
        </td>
      )
    case 'skipped':
      return (
        <td className="step" data-status="skipped" title={title}>
          <span>not needed</span>
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
      {wholeSeconds(nowMs - Date.parse(since))}
    </>
  )
}
