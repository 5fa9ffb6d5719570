import type { DeploymentView } from '@vesemir/contract'

/** How a deployment ended, in a line: its status, and what failed with which code. */
export function describeEnd({ deployment: { state }, hosts }: DeploymentView): string {
  const failed = hosts.flatMap(({ target, state: host }) =>
    'failure' in host && host.failure ? [`${target.name} ${host.status} ${host.traffic} ${host.failure.code}`] : [],
  )
  const why = state.status === 'failed' && failed.length === 0 ? [state.failure.message] : failed
  return [state.status, ...why].join(', ')
}

/** The failures without a code of their own: bugs, whatever they come to. */
export function findInternal({ deployment, hosts }: DeploymentView): string[] {
  return [deployment, ...hosts].flatMap(({ state }) =>
    'failure' in state && state.failure?.code === 'INTERNAL' ? [state.failure.message] : [],
  )
}
