import type { DeploymentView } from '@vesemir/contract'
import { needsAttention } from '@vesemir/core'
import { describeGivenCommand, failedTask, fillHint, toPlainText, withoutCommands } from '@vesemir/words'
import type { CommandSender } from './actions.tsx'
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
        <Notice tone={state.status === 'cancelled' ? 'back' : 'bad'} title={state.failure.message}>
          <p>
            <code className="error-code">{state.failure.code}</code>
          </p>
          {state.failure.hint !== undefined && (
            <p className="hint">
              {fillHint(withoutCommands(state.failure.hint), { id: deployment.id, task: failedTask(deployment) })}
            </p>
          )}
        </Notice>
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
