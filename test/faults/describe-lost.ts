import type { DeploymentEvent, StepName } from '@vesemir/contract'
import type { Answer } from '../../infra/load/summarise.ts'
import type { Story } from './judges/judge-walks.ts'

/** Says in words when a request failed, and which steps hosts were in while it lasted. */
export function describeLost({ failure, sentAt, durationMs }: Answer, stories: readonly Story[]): string {
  const span = { fromMs: sentAt.getTime(), toMs: sentAt.getTime() + durationMs }
  const places = stories.flatMap(({ view, events }) =>
    placesDuring(events, span).map((place) => `${view.deployment.id} ${place}`),
  )
  return `${failure}, sent at ${sentAt.toISOString()}, for ${Math.round(durationMs)} ms; then: ${places.join(', ') || 'no host was walked'}`
}

function placesDuring(
  events: readonly DeploymentEvent[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): string[] {
  const open = new Map<string, { step: StepName; sinceMs: number }>()
  const places: string[] = []
  const close = (host: string, untilMs: number) => {
    const place = open.get(host)
    if (place && place.sinceMs <= toMs && untilMs >= fromMs) places.push(`${host} in ${place.step}`)
    open.delete(host)
  }
  for (const event of events) {
    if (event.type !== 'step.started' && event.type !== 'host.ended') continue
    const atMs = Date.parse(event.at)
    close(event.host, atMs)
    if (event.type === 'step.started') open.set(event.host, { step: event.step, sinceMs: atMs })
  }
  for (const host of open.keys()) close(host, Infinity)
  return places
}
