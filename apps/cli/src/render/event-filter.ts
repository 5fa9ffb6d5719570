import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { locateEvent } from '@vesemir/core'
import { describeEvent, toPlainText } from '@vesemir/words'
import { plain } from './paint.ts'

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
 * Returns what a filter selects of an event: all of it, or those lines of output; undefined for nothing. What concerns the whole
 * deployment is not part of any host, step or task. Texts are compared as they are shown: colours in them do not count.
 */
export function selectEvent(
  event: DeploymentEvent,
  view: DeploymentView,
  { host, step, task, text, stderr = false }: EventFilter,
): DeploymentEvent | undefined {
  const place = locateEvent(event, view)
  const differs = (wanted: string | undefined, there: string | undefined) => wanted !== undefined && wanted !== there
  if (differs(host, place.host) || differs(step, place.step) || differs(task, place.task)) return undefined
  const hasText = (line: string) => text === undefined || plain(line).toLowerCase().includes(text.toLowerCase())
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
