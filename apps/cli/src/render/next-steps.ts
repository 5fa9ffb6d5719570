import type { DeploymentView } from '@vesemir/contract'
import { isIncomplete } from '@vesemir/core'
import { nextSteps, quiet, toned, type Text } from '@vesemir/words'
import { causeLines } from './causes.ts'

/** Describes why hosts of an ended deployment failed, and what to try next; nothing when all succeeded. */
export function outcomeLines(view: DeploymentView): Text[] {
  const { state } = view.deployment
  if (state.status === 'succeeded' && !isIncomplete(view.deployment)) return []
  return [...causeLines(view), ...nextStepLines(view)]
}

/** Lists the commands to try next; nothing when the deployment succeeded on all of its hosts. */
export function nextStepLines(view: DeploymentView): Text[] {
  const steps = nextSteps(view)
  if (steps.length === 0 || view.archivedAt !== undefined) return []
  const width = Math.max(...steps.map(({ command }) => command.length))
  return [
    [],
    ['Next steps:'],
    ...steps.map(({ command, purpose }): Text => ['  ', toned(command.padEnd(width), 'command'), '  ', quiet(purpose)]),
  ]
}
