import type { DeploymentView, FailureCause } from '@vesemir/contract'
import { findFailureCauses, isIncomplete } from '@vesemir/core'
import {
  describeCause,
  describeFailure,
  failedTask,
  fillHint,
  nameCauseHosts,
  toPlainText,
  type HintNames,
} from '@vesemir/words'
import type { Annotation } from './ci-system.ts'

/** GitHub shows ten annotations of a level for each step. */
const mostAnnotations = 10
const mostLogLines = 5

/** Describes why a deployment has not succeeded on all of its hosts: one annotation for each cause, or for what failed apart from hosts. */
export function failureAnnotations({ deployment, hosts }: DeploymentView): Annotation[] {
  const { id, spec, state } = deployment
  const about = `${spec.application} ${spec.version} to ${spec.environment}`
  const isRed = state.status !== 'succeeded'
  if (!isRed && !isIncomplete(deployment)) return []
  const failure = 'failure' in state && state.failure?.code !== 'HOSTS_FAILED' ? state.failure : undefined
  const own: Annotation[] = failure
    ? [{ level: 'error', title: about, message: linesOf(failure, { id, task: failedTask(deployment) }).join('\n') }]
    : []
  const causes = findFailureCauses(hosts).map((cause) => annotationOf(cause, { about, id, isRed }))
  return [...own, ...causes].slice(0, mostAnnotations)
}

function annotationOf(
  cause: FailureCause,
  { about, id, isRed }: { about: string; id: string; isRed: boolean },
): Annotation {
  const { failure, host } = cause.sample
  const names = toPlainText(nameCauseHosts(cause))
  return {
    level: isRed && cause.status !== 'skipped' ? 'error' : 'warning',
    title: `${about}: ${toPlainText(describeCause(cause))}`,
    message: [...(names === '' ? [] : [names]), ...linesOf(failure, { id, host })].join('\n'),
  }
}

function linesOf(failure: FailureCause['sample']['failure'], names: HintNames): string[] {
  const { hint, log = [] } = failure
  return [describeFailure(failure), ...log.slice(-mostLogLines), ...(hint === undefined ? [] : [fillHint(hint, names)])]
}
