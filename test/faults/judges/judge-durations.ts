import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'

/** Clocks are read twice, and rounded. */
const toleranceMs = 1_000

/** Says in words which steps and hosts took less than no time, or longer than the whole trial. */
export function judgeDurations(
  { deployment: { id }, hosts }: DeploymentView,
  { events, trialMs }: { events: readonly DeploymentEvent[]; trialMs: number },
): string[] {
  const isPlausible = (ms: number) => ms >= 0 && ms <= trialMs + toleranceMs
  const ofSteps = events.flatMap((event) =>
    event.type === 'step.ended' && !isPlausible(event.durationMs)
      ? [`${id}: ${event.step} of ${event.host} took ${event.durationMs} ms`]
      : [],
  )
  const ofHosts = hosts.flatMap(({ target: { name }, state, steps: [first] }) => {
    if (!first || !('endedAt' in state)) return []
    const ms = Date.parse(state.endedAt) - Date.parse(first.startedAt)
    return isPlausible(ms) ? [] : [`${id}: ${name} took ${ms} ms`]
  })
  return [...ofSteps, ...ofHosts]
}
