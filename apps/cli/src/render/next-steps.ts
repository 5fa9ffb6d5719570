import type { DeploymentView, HostRecord } from '@vesemir/contract'
import { isIncomplete } from '@vesemir/core'
import {
  describeAttempt,
  nextSteps,
  describeFailure,
  describeHint,
  hostStatuses,
  quiet,
  strong,
  toned,
  type Text,
} from '@vesemir/words'

/** Describes why hosts of an ended deployment failed, and what to try next; nothing when all succeeded. */
export function outcomeLines(view: DeploymentView): Text[] {
  const { id, state } = view.deployment
  if (state.status === 'succeeded' && !isIncomplete(view.deployment)) return []
  return [...view.hosts.flatMap((host) => hostFailureLines(host, id)), ...nextStepLines(view)]
}

/** Describes why a host failed, under a blank line; nothing when it did not. */
export function hostFailureLines({ target, state, history = [], gone }: HostRecord, id: string): Text[] {
  const names = { id, host: target.name }
  const { status } = state
  const failure = 'failure' in state ? state.failure : undefined
  const lines = [
    ...(failure ? [describeFailure(failure), ...describeHint(failure, names)] : []),
    ...(gone ? [describeFailure(gone), ...describeHint(gone, names)] : []),
    ...(status === 'pending' || status === 'running' ? history.slice(-1).map(describeAttempt) : []),
  ]
  const [first, ...rest] = lines
  if (first === undefined) return []
  return [
    [],
    [strong(target.name), ' ', hostStatuses[status], ': ', ...[first].flat()],
    ...rest.map((line) => [line].flat()),
  ]
}

/** Lists the commands to try next; nothing when the deployment succeeded on all of its hosts. */
export function nextStepLines(view: DeploymentView): Text[] {
  const steps = nextSteps(view)
  if (steps.length === 0) return []
  const width = Math.max(...steps.map(({ command }) => command.length))
  return [
    [],
    ['Next steps:'],
    ...steps.map(({ command, purpose }): Text => ['  ', toned(command.padEnd(width), 'command'), '  ', quiet(purpose)]),
  ]
}
