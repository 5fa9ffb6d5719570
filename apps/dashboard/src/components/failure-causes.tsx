import type { DeploymentView, FailureCause } from '@vesemir/contract'
import { findFailureCauses } from '@vesemir/core'
import { count, describeCause, hostStatuses, toPlainText } from '@vesemir/words'
import { addressWith, Link, useAddress } from '../navigation.tsx'
import type { CommandSender } from './actions.tsx'
import { FailureDetails } from './host-panel.tsx'
import { RetryHosts } from './retry-hosts.tsx'

interface FailureCausesProps {
  view: DeploymentView
  commandSender: CommandSender
}

/** Why hosts failed, cause by cause: how many, one of them as a sample, and the button that retries them all. */
export function FailureCauses({ view, commandSender }: FailureCausesProps) {
  const place = useAddress()
  const open = place.query.get('host')
  // The panel of a host shows the same.
  const causes = findFailureCauses(view.hosts).filter(({ hosts }) => hosts.length > 1 || hosts[0] !== open)
  if (causes.length === 0) return null
  return (
    <section className="failed" aria-label="Hosts that need attention">
      {causes.map((cause) => (
        <Cause key={`${cause.sample.host} ${cause.isBeingRetried}`} {...{ cause, view, commandSender }} />
      ))}
    </section>
  )
}

function Cause({ cause, view, commandSender }: FailureCausesProps & { cause: FailureCause }) {
  const place = useAddress()
  const { hosts, sample, status, isBeingRetried } = cause
  const records = view.hosts.filter(({ target }) => hosts.includes(target.name))
  const addressOf = (host: string) => addressWith(place, { host, line: undefined })
  return (
    <div className="notice" data-tone={isBeingRetried ? 'waiting' : hostStatuses[status].tone}>
      <h2>{toPlainText(describeCause(cause))}</h2>
      <FailureDetails failure={sample.failure} id={view.deployment.id} host={sample.host} />
      {hosts.length > 1 && (
        <details className="cause-hosts">
          <summary>{count(hosts.length, 'host')}</summary>
          <ul>
            {hosts.map((host) => (
              <li key={host}>
                <Link href={addressOf(host)}>{host}</Link>
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="buttons">
        <RetryHosts view={view} hosts={records} commandSender={commandSender} />
        <Link className="button" href={addressOf(sample.host)}>
          Show steps and log{hosts.length > 1 && ` of ${sample.host}`}
        </Link>
      </div>
    </div>
  )
}
