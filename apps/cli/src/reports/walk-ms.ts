import type { HostRecord } from '@vesemir/contract'

/** Returns how long the last walk of a host took; undefined before its end. */
export function walkMs({ state, steps: [first] }: HostRecord): number | undefined {
  return first && 'endedAt' in state ? Date.parse(state.endedAt) - Date.parse(first.startedAt) : undefined
}
