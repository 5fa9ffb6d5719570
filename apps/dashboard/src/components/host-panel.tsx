import { stepNames, type DeploymentView, type Failure, type HostRecord } from '@vesemir/contract'
import { isSameServer } from '@vesemir/core'
import {
  describeAttempt,
  fillHint,
  formatDuration,
  formatElapsed,
  hostStatus,
  stepPurposes,
  stepTones,
  trafficWords,
  withoutCommands,
} from '@vesemir/words'
import { useEffect, useRef } from 'react'
import { addressWith, Link, useAddress } from '../navigation.tsx'
import { failureText } from '../failure-text.ts'
import { useNow } from '../use-now.ts'
import { CopyButton } from './copy-button.tsx'
import { capitalize, Mark, Status } from './mark.tsx'
import { RetryHosts } from './retry-hosts.tsx'
import { Server } from './server-table.tsx'
import type { CommandSender } from './actions.tsx'
import { serversOf } from '../servers.ts'

interface HostPanelProps {
  view: DeploymentView
  host: HostRecord
  commandSender: CommandSender
}

/** The details of one host: why it failed, its steps, its servers. */
export function HostPanel({ view, host, commandSender }: HostPanelProps) {
  const place = useAddress()
  const heading = useRef<HTMLHeadingElement>(null)
  const { target, state, attempt } = host
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    heading.current?.scrollIntoView({ block: 'start' })
  }, [target.name])
  return (
    <section className="card host-panel" aria-labelledby="host-heading">
      <header>
        <h2 id="host-heading" ref={heading} tabIndex={-1}>
          {target.name}
        </h2>
        <Status shown={hostStatus(state)} />
        <span className="sub">
          {target.address}
          {target.zone !== undefined && ` · ${target.zone}`}
          {attempt > 1 && ` · attempt ${attempt}`}
          {'traffic' in state && state.traffic !== undefined && ` · ${trafficWords[state.traffic]}`}
        </span>
        <Link className="close" href={addressWith(place, { host: undefined, line: undefined })}>
          Close<span className="visually-hidden"> {target.name}</span>
        </Link>
      </header>
      {'failure' in state && state.failure && (
        <FailureDetails failure={state.failure} id={view.deployment.id} host={target.name} />
      )}
      {host.gone && <FailureDetails failure={host.gone} id={view.deployment.id} host={target.name} />}
      <LastAttempt host={host} />
      <RetryHosts view={view} hosts={[host]} commandSender={commandSender} />
      <div className="columns">
        <Steps host={host} />
        <Servers host={host} />
      </div>
    </section>
  )
}

/** Shows why something failed, its code, the end of the service's own log, and what to do next; all of it can be copied. */
export function FailureDetails({ failure, id, host }: { failure: Failure; id: string; host?: string | undefined }) {
  return (
    <div className="why">
      <p className="why-message">
        {failure.message} <code className="error-code">{failure.code}</code>
      </p>
      {failure.log && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
        <pre className="service-log" role="region" aria-label={`End of the service's log on ${host}`} tabIndex={0}>
          {failure.log.join('\n')}
        </pre>
      )}
      {failure.hint !== undefined && (
        <p className="hint">What to do: {fillHint(withoutCommands(failure.hint), { id, host })}</p>
      )}
      <CopyButton what={`the failure of ${host ?? id}`} textOf={() => failureText(failure, { id, host })} />
    </div>
  )
}

/** How the attempt before ended: a retry must not hide why it was needed. */
function LastAttempt({ host: { history = [] } }: { host: HostRecord }) {
  const last = history.at(-1)
  if (!last) return null
  return <p className="sub">{capitalize(describeAttempt(last))}</p>
}

function Steps({ host: { steps, state } }: { host: HostRecord }) {
  return (
    <ol className="steps">
      {stepNames.map((step) => {
        const record = steps.find((known) => known.step === step)
        const isRunning = record?.status === 'running' && state.status === 'running'
        const isCutShort = record?.status === 'running' && !isRunning
        const tone = record && !isCutShort ? stepTones[record.status] : 'idle'
        return (
          <li key={step} data-tone={tone}>
            <Mark tone={tone} />
            <span className="step-name">{capitalize(step)}</span>
            <span className="sub">
              {isRunning ? <For since={record.startedAt} /> : describeStep(record)}
              {record?.note ??
                (isRunning && state.waitingFor !== undefined ? `waiting for ${state.waitingFor}` : stepPurposes[step])}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

function For({ since }: { since: string }) {
  const nowMs = useNow()
  return `for ${formatElapsed(nowMs - Date.parse(since))}: `
}

function describeStep(record: HostRecord['steps'][number] | undefined): string {
  if (!record) return ''
  if (record.status === 'skipped') return 'skipped: '
  return record.durationMs === undefined ? '' : `${formatDuration(record.durationMs)}: `
}

function Servers({ host }: { host: HostRecord }) {
  if (host.servers.length === 0) return null
  return (
    <table className="host-servers">
      <caption>Load balancers</caption>
      <tbody>
        {host.servers.map((ref) => (
          <tr key={`${ref.box} ${ref.backend} ${ref.server}`}>
            <th scope="row">
              {ref.box} <span className="sub">{ref.backend}</span>
            </th>
            <td>
              <Server
                state={serversOf(host).find((server) => isSameServer(server, ref))}
                name={undefined}
                host={host}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
