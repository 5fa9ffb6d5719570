import type { ApplicationDefinition, Grant } from '@vesemir/contract'
import { findGrant, type Subject } from './decide.ts'

/** Returns what an action in an environment of an application is about. `team` and `cluster` are the definition's. */
export function subjectOf(
  name: { application: string; environment: string },
  definition: ApplicationDefinition | undefined,
): Required<Subject> {
  const { environments = {} } = definition ?? {}
  // A name such as "constructor" is found on every object.
  const own = Object.hasOwn(environments, name.environment) ? environments[name.environment] : undefined
  return { ...name, team: own?.team ?? definition?.team, cluster: own?.cluster ?? definition?.cluster }
}

/**
 * Returns an application's definition as someone may see it, without the environments that they may not see; undefined when
 * they may see none. An application without environments of its own is visible to who may see it in any.
 */
export function visibleApplication(
  definition: ApplicationDefinition,
  grants: readonly Grant[],
): ApplicationDefinition | undefined {
  const { name: application, environments = {} } = definition
  const all = Object.entries(environments)
  if (all.length === 0) {
    const anywhere = grants.map(({ environments: _, ...grant }) => grant)
    const { team, cluster } = definition
    return findGrant(anywhere, 'read', { application, team, cluster }) && definition
  }
  const visible = all.filter(([environment]) =>
    findGrant(grants, 'read', subjectOf({ application, environment }, definition)),
  )
  if (visible.length === 0) return undefined
  return visible.length === all.length ? definition : { ...definition, environments: Object.fromEntries(visible) }
}

/** Returns everything that registering a definition is about: the application as a whole, and each of its environments. */
export function definedSubjects(definition: ApplicationDefinition): Subject[] {
  const { name, team, cluster, environments = {} } = definition
  return [
    { application: name, team, cluster },
    ...Object.keys(environments).map((environment) => ({
      ...subjectOf({ application: name, environment }, definition),
      environment: undefined,
    })),
  ]
}
