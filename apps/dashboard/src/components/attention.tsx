import type { Deployment, DeploymentView, Failure } from '@vesemir/contract'
import { needsAttention } from '@vesemir/core'
import { describeGivenCommand, failedTask, fillHint, toPlainText, withoutCommands } from '@vesemir/words'
import { failureText } from '../failure-text.ts'
import type { CommandSender } from './actions.tsx'
import { CopyButton } from './copy-button.tsx'
import { FailureCauses } from './failure-causes.tsx'
import { capitalize } from './mark.tsx'
import { Notice } from './notice.tsx'

interface AttentionProps {
  view: DeploymentView
  commandSender: CommandSender
}

/** What a person should know or do first: why hosts failed, pending commands, warnings of the plan. */
export function Attention({ view, commandSender }: AttentionProps) {
  const { deployment } = view
  const { state, plan, commands } = deployment
  const warnings = plan?.warnings ?? []
  return (
    <>
      <FailureCauses view={view} commandSender={commandSender} />
      {commands.map((given) => (
        <Notice key={given.seq} tone="active" title={capitalize(toPlainText(describeGivenCommand(given)))} />
      ))}
      {'failure' in state && state.failure && state.status !== 'rolled-back' && !view.hosts.some(needsAttention) && (
        <EndFailure deployment={deployment} failure={state.failure} />
      )}
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

/** Why a deployment failed whose hosts do not say it. */
function EndFailure({ deployment, failure }: { deployment: Deployment; failure: Failure }) {
  const { code, message, hint } = failure
  const names = { id: deployment.id, task: failedTask(deployment) }
  return (
    <Notice tone={deployment.state.status === 'cancelled' ? 'back' : 'bad'} title={message}>
      <p>
        <code className="error-code">{code}</code>
      </p>
      {hint !== undefined && <p className="hint">{fillHint(withoutCommands(hint), names)}</p>}
      <CopyButton what={`the failure of ${deployment.id}`} textOf={() => failureText(failure, names)} />
    </Notice>
  )
}
