import { haproxyFaults } from './haproxy.ts'
import { hostFaults } from './hosts.ts'
import { powerFaults } from './power.ts'
import { redisFaults } from './redis.ts'
import { vesemirFaults } from './vesemir.ts'

/** Everything that is done to a deployment, by name. */
export const faults = { ...vesemirFaults, ...redisFaults, ...powerFaults, ...haproxyFaults, ...hostFaults }

export type FaultName = keyof typeof faults
