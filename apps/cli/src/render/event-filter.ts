import type { DeploymentEvent, DeploymentView, StepName } from '@vesemir/contract'
import { describeEvent, toPlainText } from '@vesemir/words'

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

/** Selects the events of one host, of one step, of one task, with a text, or output to stderr alone; or all. */
export interface EventFilter {
  task?: string | undefined
  host?: string | undefined
  step?: string | undefined
  /** What a line has in it, in capitals or not. */
  text?: string | undefined
  stderr?: boolean | undefined
}

/**
 * Returns what a filter selects of an event: all of it, or those lines of output; undefined for nothing. What concerns the whole deployment
 * is not part of any host,
 * step or task.
 */
export function selectEvent(
  event: DeploymentEvent,
  view: DeploymentView,
  { host, step, task, text, stderr = false }: EventFilter,
): DeploymentEvent | undefined {
  const place = locateEvent(event, view)
  const differs = (wanted: string | undefined, there: string | undefined) => wanted !== undefined && wanted !== there
  if (differs(host, place.host) || differs(step, place.step) || differs(task, place.task)) return undefined
  const hasText = (line: string) => text === undefined || line.toLowerCase().includes(text.toLowerCase())
  if (event.type === 'log.appended' || event.type === 'task.logged') {
    const lines = event.lines.filter((line) => (!stderr || line.stream === 'stderr') && hasText(line.text))
    return lines.length === 0 ? undefined : { ...event, lines }
  }
  if (stderr) return undefined
  return text === undefined || hasText(textOf(event, view)) ? event : undefined
}

function textOf(event: DeploymentEvent, view: DeploymentView): string {
  const description = describeEvent(event, view, {})
  return description ? [description.sentence, ...description.details].map(toPlainText).join('\n') : ''
}
