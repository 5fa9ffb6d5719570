import { needsAttention } from '../offered-commands.ts'
import type { HostLane, Timeline } from './timeline-of.ts'

/** Hosts that are shown together: those of a wave, or those that need attention. */
export interface LaneGroup {
  wave: number | undefined
  lanes: HostLane[]
}

/** Orders hosts for people: those that failed first, then the others wave by wave. A group without hosts is left out. */
export function laneGroups({ hosts }: Pick<Timeline, 'hosts'>): LaneGroup[] {
  const isBad = ({ status }: HostLane) => needsAttention({ state: { status } })
  const waves = Map.groupBy(
    hosts.filter((lane) => !isBad(lane)),
    ({ wave }) => wave,
  )
  const groups = [
    { wave: undefined, lanes: hosts.filter(isBad) },
    ...[...waves].toSorted(([a], [b]) => a - b).map(([wave, lanes]) => ({ wave, lanes })),
  ]
  return groups.filter(({ lanes }) => lanes.length > 0)
}
