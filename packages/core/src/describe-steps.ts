import type { DeploymentSpec, PlannedRelease, PlanPreview } from '@vesemir/contract'
import type { Step } from './steps/step.ts'
import { steps } from './steps/steps.ts'

type Described = PlanPreview['steps'][number]

/** Says in words what each step of a host's walk does by these settings, the commands of hooks among them. */
export function describeSteps(spec: DeploymentSpec, release: PlannedRelease): Described[] {
  return steps.flatMap((step) => {
    const does = step.describe(spec, release)
    if (does === undefined) return []
    return [...hooksAt('before', step, spec), { step: step.name, does }, ...hooksAt('after', step, spec)]
  })
}

function hooksAt(edge: 'before' | 'after', { name, hooks }: Step, spec: DeploymentSpec): Described[] {
  return (hooks ? spec.hooks[hooks[edge]] : []).map((does) => ({ step: `${edge} ${name}`, does }))
}
