import type { ScheduleView } from '@vesemir/contract'
import { forgetReplaced, nextRoundMs, type ConvergeRounds, type HostHistory, type PlaceSchedule } from '@vesemir/core'

/** What the last round of a schedule is read from. */
export interface SchedulePorts {
  convergeRounds: Pick<ConvergeRounds, 'read'>
  hostHistory: Pick<HostHistory, 'readWanted'>
}

/** Returns a schedule as people see it: with its last round and when the next is due. */
export async function showSchedule(schedule: PlaceSchedule, ports: SchedulePorts): Promise<ScheduleView> {
  const { convergeRounds, hostHistory } = ports
  const { environment, every, by } = schedule
  const [kept, { wanted }] = await Promise.all([convergeRounds.read(schedule), hostHistory.readWanted(schedule)])
  const round = forgetReplaced(kept, wanted?.release)
  const { release: _release, hosts: _hosts, again, ...last } = round ?? {}
  return {
    environment,
    every,
    ...(by ? { by: by.name } : {}),
    ...(round
      ? {
          last: { ...last, at: round.at, outcome: round.outcome },
          next: new Date(nextRoundMs(every, round)).toISOString(),
        }
      : {}),
    ...(again === undefined ? {} : { again }),
  }
}
