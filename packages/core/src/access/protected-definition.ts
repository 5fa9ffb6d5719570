import { CompleteSettings, type ApplicationDefinition, type Protection, type SomeSettings } from '@vesemir/contract'
import { brokenFloors, type BrokenFloor } from './floors.ts'
import { brokenRules, rulesAt } from './rules.ts'
import { subjectOf } from './visible-application.ts'

const Floored = CompleteSettings.pick({ concurrency: true, rollout: true, loadBalancer: true })

/**
 * Refuses a definition by which a deployment would not keep the floors of a protected environment. A definition that names no
 * environments is held to the rules for all of them: those for `*`. What it leaves to requests is checked with the request.
 * @throws {VesemirError} `ENVIRONMENT_PROTECTED` with `details.errors`, one entry for each setting
 */
export function refuseUnprotected(definition: ApplicationDefinition, protections: readonly Protection[]): void {
  const { name, description: _, environments = {}, ...general } = definition
  const own = Object.entries(environments)
  const places = own.length > 0 ? own : [['*', {}] as const]
  for (const [environment, settings] of places) {
    const { cluster } = subjectOf({ application: name, environment }, definition)
    const rules = rulesAt({ environment, cluster }, protections)
    const spec = Floored.safeParse(pickFloored({ ...general, ...settings })).data
    const broken = spec ? rules.flatMap((rule) => brokenFloors(spec, rule)) : []
    if (broken.length > 0) throw brokenRules(environment, broken.map(fieldIn(environment, settings)))
  }
}

function pickFloored({ concurrency, rollout, loadBalancer }: SomeSettings): object {
  return { concurrency, rollout, loadBalancer }
}

/** The field as the definition has it: an environment's own setting below the environment. */
function fieldIn(environment: string, settings: SomeSettings): (broken: BrokenFloor) => BrokenFloor {
  return ({ field, message }) => {
    const [part = ''] = field.split(/[.[]/)
    return { field: part in settings ? `environments.${environment}.${field}` : field, message }
  }
}
