import type { Deployment, DeploymentSpec, Plan } from '@vesemir/contract'
import { isSameJson } from './is-same-json.ts'
import { isReference } from './reveal.ts'

/** How variables differ from those of the deployment before, by name. */
export interface VariableChanges {
  added: string[]
  changed: string[]
  removed: string[]
}

/** Variables with what is known of their secrets. */
type Known = { spec: Pick<DeploymentSpec, 'variables'> } & Partial<Pick<Plan, 'secrets'>>

/** Says by name how the variables of a deployment differ from those of the one before; undefined where none does. */
export function variableChanges(before: Pick<Deployment, 'spec' | 'plan'>, now: Known): VariableChanges | undefined {
  const was: Known = { spec: before.spec, secrets: before.plan?.secrets }
  const [earlier, later] = [namesIn(was), namesIn(now)]
  const changes = {
    added: later.filter((name) => !earlier.includes(name)),
    changed: later.filter((name) => earlier.includes(name) && !isSame(name, was, now)),
    removed: earlier.filter((name) => !later.includes(name)),
  }
  if (Object.values(changes).every((names) => names.length === 0)) return undefined
  return changes
}

function namesIn({ spec: { variables = {} } }: Known): string[] {
  return Object.keys(variables).toSorted()
}

/** Whether a secret's value is the same is known where both deployments have its digest. */
function isSame(name: string, was: Known, now: Known): boolean {
  const [before, after] = [was.spec.variables![name], now.spec.variables![name]]
  if (!isReference(before) || !isReference(after)) return isSameJson(before, after)
  const digests = [was.secrets?.[name], now.secrets?.[name]]
  return digests.includes(undefined) ? isSameJson(before, after) : digests[0] === digests[1]
}
