import type { DeploymentEvent, DeploymentView, StepName } from '@vesemir/contract'
import type { System } from '../../support/start-system.ts'
import type { Random } from '../random.ts'
import type { FleetShot } from '../read-fleet.ts'
import type { Outage } from '../resume-times.ts'

/** What a fault finds when it strikes. */
export interface Scene {
  system: System
  random: Random
  workers: readonly string[]
  /** The fleet before the deployment that is struck. */
  before: FleetShot
  /** The host that had just begun a step. */
  host: string
}

/** What a fault leaves to be done and to be known. */
export interface Aftermath {
  outage?: Outage
  /** Boxes that nobody reaches until the fault is over: of traffic there, a record can only say that it does not know. */
  lostBoxes?: readonly string[]
  /** Whether Redis forgot what it had acknowledged last: the record is another one, with fewer events. */
  hasForgotten?: true
  /** Hosts whose servers a person has set: the record of the walk can say nothing of them. */
  setByHand?: readonly string[]
  /** Puts right what the fault broke, once the deployment has ended; until then it lasts. */
  heal?: () => Promise<void>
  /** Says in words what is wrong with the deployment's end after this fault, besides what every end is judged by. */
  judge?: (view: DeploymentView, events: readonly DeploymentEvent[]) => string[] | Promise<string[]>
}

/** Something that is done to a deployment's surroundings. */
export interface Fault {
  /** The steps in which it may strike; every one unless given. */
  steps?: readonly StepName[]
  /** Steps that no host may be in at that moment; it waits for one. */
  notWhile?: readonly StepName[]
  /** Whether it takes the requests with it that `doomedBox` has in hand, which no deployer could change. */
  costsRequests?: true
  /** How many servers it takes out of rotation itself: so many fewer than `minHealthy` are no fault. Default 0. */
  takesServers?: number
  /** Makes ready for it before the deployment; what it gives undoes that in the end. */
  prepare?: (system: System) => Promise<() => Promise<void>>
  strike(scene: Scene): Promise<Aftermath>
}

/** The box that may be lost, and whose HAProxy has a PID namespace of its own. Load that must not fail goes through the others. */
export const doomedBox = 'lb-2'
