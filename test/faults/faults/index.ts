import { clockFaults } from './clocks.ts'
import { haproxyFaults } from './haproxy.ts'
import { hostFaults } from './hosts.ts'
import { peopleFaults } from './people.ts'
import { powerFaults } from './power.ts'
import { redisFaults } from './redis.ts'
import { vesemirFaults } from './vesemir.ts'

/** Everything that is done to a deployment, by name. */
export const faults = {
  ...clockFaults,
  ...vesemirFaults,
  ...redisFaults,
  ...powerFaults,
  ...haproxyFaults,
  ...peopleFaults,
  ...hostFaults,
}

export type FaultName = keyof typeof faults
