import type { DeploymentView } from '@vesemir/contract'
import { needsAttention } from '@vesemir/core'
import { describeGivenCommand, fillHint, hostStatus, toPlainText } from '@vesemir/words'
import { addressWith, Link, useAddress } from '../navigation.tsx'
import type { CommandSender } from './actions.tsx'
import { FailureDetails } from './host-panel.tsx'
import { capitalize } from './mark.tsx'
import { Notice } from './notice.tsx'
import { RetryHost } from './retry-host.tsx'

/** The most failed hosts that are shown one by one; the grid has the rest. */
const mostShown = 3

interface AttentionProps {
  view: DeploymentView
  commandSender: CommandSender
}

/** What a person should know or do first: failed hosts with their reasons, pending commands, warnings of the plan. */
export function Attention({ view, commandSender }: AttentionProps) {
  const { deployment } = view
  const { state, plan, commands } = deployment
  const warnings = plan?.warnings ?? []
  return (
    <>
      {commands.map((given) => (
        <Notice key={given.seq} tone="active" title={capitalize(toPlainText(describeGivenCommand(given)))} />
      ))}
      {'failure' in state && state.failure && state.status !== 'rolled-back' && !view.hosts.some(needsAttention) && (
        <Notice tone={state.status === 'cancelled' ? 'back' : 'bad'} title={state.failure.message}>
          <p>
            <code className="error-code">{state.failure.code}</code>
          </p>
          {state.failure.hint !== undefined && <p className="hint">{fillHint(state.failure.hint, deployment)}</p>}
        </Notice>
      )}
      <FailedHosts view={view} commandSender={commandSender} />
      {warnings.length > 0 && (
        <details className="notice" data-tone="waiting">
          <summary>
            {warnings.length === 1 ? 'The plan has a warning' : `The plan has ${warnings.length} warnings`}
          </summary>
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function FailedHosts({ view, commandSender }: AttentionProps) {
  const place = useAddress()
  const failed = view.hosts.filter(needsAttention)
  // The panel of a host shows the same.
  const shown = failed.filter(({ target }) => target.name !== place.query.get('host')).slice(0, mostShown)
  if (shown.length === 0) return null
  return (
    <section className="failed" aria-label="Hosts that need attention">
      {shown.map((host) => (
        <div key={host.target.name} className="notice" data-tone="bad">
          <h2>
            {host.target.name} <span>{hostStatus(host.state).text}</span>
            <FailedStep host={host} />
          </h2>
          {'failure' in host.state && host.state.failure && (
            <FailureDetails failure={host.state.failure} id={view.deployment.id} host={host.target.name} />
          )}
          <div className="buttons">
            <RetryHost view={view} host={host} commandSender={commandSender} />
            <Link className="button" href={addressWith(place, { host: host.target.name, line: undefined })}>
              Show steps and log
            </Link>
          </div>
        </div>
      ))}
      {failed.length > mostShown && (
        <Link href={addressWith(place, { hosts: 'attention', show: undefined })}>
          Show all {failed.length} hosts that need attention
        </Link>
      )}
    </section>
  )
}

function FailedStep({ host }: { host: DeploymentView['hosts'][number] }) {
  const step = host.steps.find(({ status }) => status === 'failed')?.step
  return step === undefined ? null : <span> in step “{step}”</span>
}
