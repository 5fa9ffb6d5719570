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
  const failures: Failures = new Map()
  return repeat((signal) => holdDueRounds(ports, { signal, failures }), { clock, intervalMs: lookMs, onError })
}

/** What failed last of each schedule: what is broken is so at every look, and is logged when it changes. */
type Failures = Map<string, string>

/** Holds the rounds that are due. One that fails holds up no other. */
export async function holdDueRounds(
  ports: KeepPorts,
  { signal, failures }: { signal: AbortSignal; failures: Failures },
): Promise<void> {
  const schedules = (await ports.applications.listSchedules()).values()
  const hold = async () => {
    for (const schedule of schedules) {
      if (signal.aborted) return
      const { application, environment } = schedule
      const place = `${application}/${environment}`
      try {
        await holdRound(schedule, ports, signal)
        failures.delete(place)
      } catch (err) {
        const failure = String(err)
        if (failures.get(place) !== failure)
          ports.log.error({ err, application, environment }, 'scheduled round not held')
        failures.set(place, failure)
      }
    }
  }
  await inParallel(...Array.from({ length: roundsAtOnce }, () => hold))
}
