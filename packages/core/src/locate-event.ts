import type { DeploymentEvent, DeploymentView, StepName } from '@vesemir/contract'

/** Where an event belongs: to a host and one of its steps, to a host, to a task, or to the whole deployment. */
export interface EventLocation {
  task?: string
  host?: string
  step?: StepName
}

/** Returns where an event belongs. `view` is the deployment with the event in it. */
export function locateEvent(event: DeploymentEvent, view: DeploymentView): EventLocation {
  if ('task' in event) return { task: event.task }
  if (!('host' in event)) return {}
  const { host } = event
  if ('step' in event) return { host, step: event.step }
  if (event.type === 'servers.snapshotted') return { host, step: 'drain' }
  if (event.type === 'release.introduced') return { host, step: 'deploy' }
  // Only the view as it was at the event knows the current step.
  const state = view.hosts.find(({ target }) => target.name === host)?.state
  if (event.type === 'servers.seen' && view.cursor === event.seq && state?.status === 'running')
    return { host, step: state.step }
  return { host }
}
