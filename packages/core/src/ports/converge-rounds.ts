import type { ConvergeRound } from '@vesemir/contract'
import type { ApplicationEnvironment } from './application-environment.ts'

/** The last round of each schedule. */
export interface ConvergeRounds {
  read(place: ApplicationEnvironment): Promise<ConvergeRound | undefined>
  /**
   * Begins a round, once for all processes: returns what `decide` makes of the last one. Undefined where that is nothing, or another
   * process has begun one meanwhile. A round that cannot be read is none.
   */
  begin(
    place: ApplicationEnvironment,
    decide: (last: ConvergeRound | undefined) => ConvergeRound | undefined,
  ): Promise<ConvergeRound | undefined>
  /** Keeps what a round came to, as long as it is the last one. Returns whether it was: another may have begun since. */
  end(place: ApplicationEnvironment, round: { begun: ConvergeRound; ended: ConvergeRound }): Promise<boolean>
}
