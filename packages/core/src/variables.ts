import type { Deployment, DeploymentSpec, SecretDigests } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import type { Secrets } from './ports/secrets.ts'
import { isReference, type Revealed } from './reveal.ts'

type Values = Revealed<DeploymentSpec>['variables']

/** Returns what tells later whether the secrets among an application's variables have changed; undefined where nothing can. */
export function digestSecrets(
  spec: DeploymentSpec,
  { values = {}, secrets }: { values: Values; secrets: Pick<Secrets, 'digest'> },
): SecretDigests | undefined {
  const names = secretNamesOf(spec)
  const { digest } = secrets
  if (names.length === 0 || !digest) return undefined
  return Object.fromEntries(names.map((name) => [name, digest(values[name]!, { ...spec, variable: name })]))
}

/**
 * Returns a text that is the same for the same variables, and has no secret in it. Where it is not known whether a secret is the same,
 * it is that of one deployment.
 */
export function identifyVariables(
  { variables = {} }: Pick<DeploymentSpec, 'variables'>,
  { digests = {}, id }: { digests: SecretDigests | undefined; id: string },
): string {
  const known = Object.entries(variables).map(([name, value]) => [
    name,
    isReference(value) ? [digests[name] ?? id] : value,
  ])
  return JSON.stringify(known.toSorted(([one], [other]) => (one! < other! ? -1 : 1)))
}

/** Whether a release holds secrets of which nothing tells whether they are the same: each deployment makes one of its own then. */
export function isReleaseOfOneDeployment(
  { changeset, variables = {} }: DeploymentSpec,
  known: SecretDigests = {},
): boolean {
  const isUntold = ([name, value]: [string, unknown]) => isReference(value) && known[name] === undefined
  return writesVariables(changeset) && Object.entries(variables).some(isUntold)
}

/**
 * Refuses to make a release with other secrets than those by which the plan named it: its folder would stand for what it does not hold.
 * @throws {VesemirError} `PLAN_CHANGED`
 */
export function refuseOtherSecrets(
  values: Values,
  { id, spec, plan }: Pick<Deployment, 'id' | 'spec' | 'plan'>,
  { secrets }: { secrets: Pick<Secrets, 'digest'> },
): void {
  if (!plan?.secrets || !writesVariables(spec.changeset)) return
  const planned = plan.secrets
  const now = digestSecrets(spec, { values, secrets }) ?? {}
  const others = Object.keys(now).filter((name) => planned[name] !== undefined && planned[name] !== now[name])
  if (others.length === 0) return
  const message = `since ${id} was planned, the value of a secret has changed: ${others.join(', ')}`
  throw new VesemirError('PLAN_CHANGED', message, { details: { id } })
}

/** Whether a release holds variables: in a file of them, or in files made of templates. */
export function writesVariables(changeset: DeploymentSpec['changeset']): boolean {
  if (changeset.strategy !== 'artifact' && changeset.strategy !== 'git') return false
  return changeset.environmentFile !== undefined || (changeset.templates ?? []).length > 0
}

/** Returns the names of an application's variables that are secret. */
export function secretNamesOf({ variables = {} }: Pick<DeploymentSpec, 'variables'>): string[] {
  return Object.keys(variables).filter((name) => isReference(variables[name]))
}
