import { stepNames, type StepName } from '@vesemir/contract'
import type { Fault } from './faults/fault.ts'
import { faults, type FaultName } from './faults/index.ts'
import type { Random } from './random.ts'

/** A fault and its moment: so long after the step has begun for the nth time, counted over all hosts. */
export interface Strike {
  fault: FaultName
  step: StepName
  nth: number
  delayMs: number
}

/**
 * Plans one or two strikes with some of the faults. The index counts through every one of them in every step, so that as many
 * in a row as there are combinations leave none out; the moment and the second strike are random.
 */
export function planStrikes(
  names: readonly FaultName[],
  { index, random, hosts }: { index: number; random: Random; hosts: number },
): Strike[] {
  const combinations = stepNames.flatMap((step) =>
    names.filter((fault) => stepsOf(fault).includes(step)).map((fault) => ({ fault, step })),
  )
  const half = Math.floor(hosts / 2)
  const moment = (least: number, most: number) => ({
    nth: random.between(least, most),
    delayMs: random.between(0, longestDelayMs),
  })
  const first = { ...combinations[index % combinations.length]!, ...moment(1, half) }
  if (random.between(1, 2) === 1) return [first]
  return [first, { ...random.pick(combinations), ...moment(half + 1, hosts) }]
}

const longestDelayMs = 300

function stepsOf(name: FaultName): readonly StepName[] {
  return (faults[name] as Fault).steps ?? stepNames
}
