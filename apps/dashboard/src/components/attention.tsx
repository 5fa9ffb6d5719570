import type { DeploymentView } from '@vesemir/contract'
import { needsAttention } from '@vesemir/core'
import { describeGivenCommand, fillHint, hostStatus, toPlainText } from '@vesemir/words'
import { addressWith, Link, usePlace } from '../navigation.tsx'
import type { Steering } from './actions.tsx'
import { WhyItFailed } from './host-panel.tsx'
import { capitalize } from './mark.tsx'
import { Notice } from './notice.tsx'
import { RetryHost } from './retry-host.tsx'

/** The most failed hosts that are told of one by one; the grid has the rest. */
const mostTold = 3

interface AttentionProps {
  view: DeploymentView
  steering: Steering
}

/** What a person should know or do first: which hosts failed and why, what is being carried out, what the plan warns of. */
export function Attention({ view, steering }: AttentionProps) {
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
      <FailedHosts view={view} steering={steering} />
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

function FailedHosts({ view, steering }: AttentionProps) {
  const place = usePlace()
  const failed = view.hosts.filter(needsAttention)
  // The panel of a host tells the same.
  const told = failed.filter(({ target }) => target.name !== place.query.get('host')).slice(0, mostTold)
  if (told.length === 0) return null
  return (
    <section className="failed" aria-label="Hosts that need attention">
      {told.map((host) => (
        <div key={host.target.name} className="notice" data-tone="bad">
          <h2>
            {host.target.name} <span>{hostStatus(host.state).text}</span>
            <Where host={host} />
          </h2>
          {'failure' in host.state && host.state.failure && (
            <WhyItFailed failure={host.state.failure} id={view.deployment.id} host={host.target.name} />
          )}
          <div className="buttons">
            <RetryHost view={view} host={host} steering={steering} />
            <Link className="button" href={addressWith(place, { host: host.target.name, line: undefined })}>
              See its steps and log
            </Link>
          </div>
        </div>
      ))}
      {failed.length > mostTold && (
        <Link href={addressWith(place, { hosts: 'attention', show: undefined })}>
          All {failed.length} hosts that need attention
        </Link>
      )}
    </section>
  )
}

function Where({ host }: { host: DeploymentView['hosts'][number] }) {
  const step = host.steps.find(({ status }) => status === 'failed')?.step
  return step === undefined ? null : <span> in the step “{step}”</span>
}
