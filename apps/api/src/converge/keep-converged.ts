import { inParallel, type Applications, type Clock } from '@vesemir/core'
import { repeat } from '@vesemir/process/waiting'
import { holdRound, type RoundPorts } from './hold-round.ts'

/** How often it is looked whether a round is due. */
const lookMs = 10_000

/** So many rounds are held at once: each is a question to workers, which have few slots. */
const roundsAtOnce = 3

interface KeepPorts extends RoundPorts {
  applications: Pick<Applications, 'read' | 'listSchedules'>
}

/** Holds the rounds of all schedules when they are due, once for all processes of the API, until it is disposed of. */
export function keepConverged(ports: KeepPorts & { clock: Clock }): AsyncDisposable {
  const { clock, log } = ports
  const onError = (err: unknown) => log.error({ err }, 'scheduled rounds not held')
  return repeat((signal) => holdDueRounds(ports, signal), { clock, intervalMs: lookMs, onError })
}

/** Holds the rounds that are due. One that fails holds up no other. */
export async function holdDueRounds(ports: KeepPorts, signal: AbortSignal): Promise<void> {
  const schedules = (await ports.applications.listSchedules()).values()
  const hold = async () => {
    for (const schedule of schedules) {
      if (signal.aborted) return
      const { application, environment } = schedule
      await holdRound(schedule, ports, signal).catch((err: unknown) => {
        ports.log.error({ err, application, environment }, 'scheduled round not held')
      })
    }
  }
  await inParallel(...Array.from({ length: roundsAtOnce }, () => hold))
}
