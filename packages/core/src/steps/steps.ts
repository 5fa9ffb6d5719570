import type { StepName, stepNames } from '@vesemir/contract'
import { connect } from './connect.ts'
import { deploy } from './deploy.ts'
import { drain } from './drain.ts'
import { enable } from './enable.ts'
import { guard } from './guard.ts'
import { restart } from './restart.ts'
import { restore } from './restore.ts'
import { soak } from './soak.ts'
import type { Step } from './step.ts'
import { verify } from './verify.ts'

/** The walk of a host: its steps, as many as the contract names, and in that order. */
export const steps: StepsNamed<typeof stepNames> = [
  connect,
  guard,
  drain,
  deploy,
  restart,
  verify,
  enable,
  soak,
  restore,
]

type StepsNamed<Names extends readonly StepName[]> = { readonly [Index in keyof Names]: Step<Names[Index]> }

/** Returns the step of that name. */
export function findStep(name: StepName): Step {
  return steps.find((step) => step.name === name)!
}
