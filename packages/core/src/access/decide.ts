import type { Action, Grant, Role } from '@vesemir/contract'
import { actionTable } from './actions.ts'
import { matchesPattern } from './matches-pattern.ts'

/**
 * What an action is about. A part that is left out stands for all that there are: only a grant that does not limit this part
 * covers it.
 */
export interface Subject {
  application?: string | undefined
  team?: string | undefined
  environment?: string | undefined
  cluster?: string | undefined
}

/** Whether someone may do something, by which grant, and why. */
export interface Decision {
  isAllowed: boolean
  grant?: Grant
  reason: string
}

/** Returns the grant that allows someone to do something, if one does. What no grant allows is refused. */
export function findGrant(grants: readonly Grant[], action: Action, subject: Subject): Grant | undefined {
  const { roles } = actionTable[action]
  return grants.find((grant) => roles.includes(grant.role) && covers(grant, subject))
}

/** Decides as `findGrant`, and explains it. */
export function decide(grants: readonly Grant[], action: Action, subject: Subject): Decision {
  const { roles, does } = actionTable[action]
  const what = `${does} ${describeSubject(subject)}`
  const grant = findGrant(grants, action, subject)
  if (grant) return { isAllowed: true, grant, reason: `you may ${what}, as ${describeGrant(grant)}` }
  const there = grants.filter((grant) => covers(grant, subject)).map(describeGrant)
  const why = there.length > 0 ? `your grant is ${there.join('; ')}` : 'none of your grants covers it'
  return { isAllowed: false, reason: `you may not ${what}: it needs the role ${roles.join(' or ')}, and ${why}` }
}

const parts = [
  ['applications', 'application'],
  ['teams', 'team'],
  ['environments', 'environment'],
  ['clusters', 'cluster'],
] as const

function covers(grant: Grant, subject: Subject): boolean {
  return parts.every(([patterns, part]) => {
    const value = subject[part]
    return (
      grant[patterns] === undefined ||
      (value !== undefined && grant[patterns].some((pattern) => matchesPattern(pattern, value)))
    )
  })
}

/** Returns the roles that someone has for a subject. */
export function rolesAt(grants: readonly Grant[], subject: Subject): Role[] {
  return grants.filter((grant) => covers(grant, subject)).map(({ role }) => role)
}

/** Returns whether someone may do something in some environment of a cluster, where they ask about the cluster and not an application. */
export function mayInCluster(grants: readonly Grant[], action: Action, cluster: string): boolean {
  const there = grants.map(({ role, clusters }) => ({ role, clusters }))
  return findGrant(there, action, { cluster }) !== undefined
}

/** Writes a grant for people: `deployer of team core in production`. */
export function describeGrant({ role, applications, teams, environments, clusters }: Grant): string {
  const places = [
    applications && `of ${applications.join(', ')}`,
    teams && `of team ${teams.join(', ')}`,
    environments && `in ${environments.join(', ')}`,
    clusters && `in cluster ${clusters.join(', ')}`,
  ].filter((place) => place !== undefined)
  return [role, ...(places.length > 0 ? places : ['of everything'])].join(' ')
}

function describeSubject({ application, environment, cluster }: Subject): string {
  const where = environment === undefined ? '' : ` in ${environment}`
  if (application !== undefined) return application + where
  return cluster === undefined ? `all applications${where}` : `all applications of cluster ${cluster}${where}`
}
