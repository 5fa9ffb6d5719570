import type { DeploymentSpec, SecretDigests } from '@vesemir/contract'
import type { Secrets } from './ports/secrets.ts'
import { isReference, type Revealed } from './reveal.ts'

type Values = Revealed<DeploymentSpec>['variables']

/** Returns what tells later whether the secrets among an application's variables have changed; undefined where nothing can. */
export function digestSecrets(
  spec: DeploymentSpec,
  { values = {}, secrets }: { values: Values; secrets: Pick<Secrets, 'digest'> },
): SecretDigests | undefined {
  const names = Object.keys(spec.variables ?? {}).filter((name) => isReference(spec.variables![name]))
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
