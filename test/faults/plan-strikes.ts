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

/** Every fault in every step: neighbours have the same step, so that few seeds in a row try all faults. */
const combinations = stepNames.flatMap((step) =>
  names
    .filter((fault) => fault !== 'HAProxy is reloaded' || reloadSteps.includes(step))
    .map((fault) => ({ fault, step })),
)

/**
 * Plans one or two strikes. The seed counts through every fault in every step, so that as many seeds in a row as there are
 * combinations leave none out; the moment and the second strike are random, and decided by the seed as well.
 */
export function planStrikes({ seed, random, hosts }: { seed: number; random: Random; hosts: number }): Strike[] {
  const half = Math.floor(hosts / 2)
  const moment = (least: number, most: number) => ({
    nth: random.between(least, most),
    delayMs: random.between(0, longestDelayMs),
  })
  const first = { ...combinations[seed % combinations.length]!, ...moment(1, half) }
  if (random.between(1, 2) === 1) return [first]
  return [first, { ...random.pick(combinations), ...moment(half + 1, hosts) }]
}

const longestDelayMs = 300
