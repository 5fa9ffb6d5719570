import { stepNames, type StepName } from '@vesemir/contract'
import { faults, type FaultName } from './faults.ts'
import type { Random } from './random.ts'

/** A fault and its moment: so long after the step has begun for the nth time, counted over all hosts. */
export interface Strike {
  fault: FaultName
  step: StepName
  nth: number
  delayMs: number
}

const names = Object.keys(faults) as FaultName[]

/**
 * Steps in which a reload may come without a request being lost. It puts a host back into rotation until the next look, a
 * fraction of a second later: between restart and proof that would meet a process that has just been ended.
 */
const reloadSteps: readonly StepName[] = ['drain', 'deploy', 'soak']

/** Picks one or two faults and when they strike, all of it decided by the random numbers. */
export function planStrikes(random: Random, { hosts }: { hosts: number }): Strike[] {
  const half = Math.floor(hosts / 2)
  const first = aStrike(random, { least: 1, most: half })
  return random.between(1, 2) === 1 ? [first] : [first, aStrike(random, { least: half + 1, most: hosts })]
}

function aStrike(random: Random, { least, most }: { least: number; most: number }): Strike {
  const fault = random.pick(names)
  const step = random.pick(fault === 'HAProxy is reloaded' ? reloadSteps : stepNames)
  return { fault, step, nth: random.between(least, most), delayMs: random.between(0, 300) }
}
