import type { DeploymentView, HostRecord, PastAttempt } from '@vesemir/contract'
import { hostsToWalk, isIncomplete } from '@vesemir/core'
import { describeFailure, hintLines } from './failure.ts'
import { bold, colourOf, dim, painted, type Line } from './text.ts'

/** Says of a deployment that has ended why hosts did not come through, and what to try; nothing when all of them did. */
export function outcomeLines(view: DeploymentView): Line[] {
  const { id, state } = view.deployment
  if (state.status === 'succeeded' && !isIncomplete(view.deployment)) return []
  return [...view.hosts.flatMap((host) => hostFailureLines(host, id)), ...nextStepLines(view)]
}

/** Says why a host did not come through, under a blank line; nothing when it did. */
export function hostFailureLines({ target, state, history = [], gone }: HostRecord, id: string): Line[] {
  const names = { id, host: target.name }
  const { status } = state
  const failure = 'failure' in state ? state.failure : undefined
  const lines = [
    ...(failure ? [describeFailure(failure), ...hintLines(failure, names)] : []),
    ...(gone ? [describeFailure(gone), ...hintLines(gone, names)] : []),
    ...(status === 'pending' || status === 'running' ? history.slice(-1).map(describeAttempt) : []),
  ]
  const [first, ...rest] = lines
  if (first === undefined) return []
  return [
    [],
    [bold(target.name), ' ', painted(status, colourOf(status)), ': ', ...[first].flat()],
    ...rest.map((line) => [line].flat()),
  ]
}

/** Says how an earlier walk of a host ended. */
function describeAttempt({ attempt, intent, status, failure }: PastAttempt): string {
  const what = intent === 'rollback' ? 'way back' : 'try'
  return `last ${what} (attempt ${attempt}) ${status}${failure ? `: ${describeFailure(failure)}` : ''}`
}

/** Says which commands are worth a try now that a deployment has ended; nothing when it succeeded on all of its hosts. */
export function nextStepLines(view: DeploymentView): Line[] {
  const steps = nextSteps(view)
  if (steps.length === 0) return []
  const width = Math.max(...steps.map(([command]) => command.length))
  return [
    [],
    ['what to try:'],
    ...steps.map(([command, why]): Line => ['  ', painted(command.padEnd(width), 'cyan'), '  ', dim(why)]),
  ]
}

function nextSteps({ deployment, hosts }: DeploymentView): (readonly [command: string, why: string])[] {
  const { id, spec, state, plan, supersededBy } = deployment
  if (!('endedAt' in state) || state.status === 'rolled-back') return []
  if (state.status === 'succeeded' && !isIncomplete(deployment)) return []
  if (supersededBy) return [[`vesemir status ${supersededBy.id}`, 'see what has come since']]
  if (!plan) {
    const { application, environment, version } = spec
    const again = `vesemir plan ${application} -e ${environment} --version ${version}`
    return [
      [again, 'see whether it can be planned now; nothing is changed'],
      [`vesemir retry ${id}`, 'plan it anew, and go on'],
    ]
  }
  const failed = hosts.filter(({ state: { status } }) => status === 'failed' || status === 'unreachable')
  return [
    ...failed
      .slice(0, 1)
      .map(({ target: { name } }) => [`vesemir logs ${id} --host ${name}`, 'read its output'] as const),
    [`vesemir retry ${id}`, 'try what failed or was not started again'],
    ...(hostsToWalk({ intent: 'rollback' }, hosts).length > 0
      ? [[`vesemir rollback ${id}`, 'put the release before back on every host that was changed'] as const]
      : []),
  ]
}
