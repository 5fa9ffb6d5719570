import { Role, routes, type Grant, type PlanPreview } from '@vesemir/contract'
import { aPlan } from '@vesemir/contract/testing'
import { createSystemClock } from '@vesemir/process/clock'
import { createAnswerer } from '@vesemir/store/queue'
import type { RedisServer } from '@vesemir/testing/start-redis'
import { expectedAnswers, type RouteName } from './expected-answers.ts'
import { seals } from './start-api.ts'
import { startTwoTeams, tokenFor, type Team, type TwoTeams } from './two-teams.ts'

const scopes = { core: { teams: ['core'] }, fin: { teams: ['fin'] }, all: {} } satisfies Record<
  string,
  Omit<Grant, 'role'>
>
type Scope = keyof typeof scopes

/** Somebody who sends requests; without a role, whoever has no right token. */
export interface Caller {
  name: string
  authorization?: string
  role?: Role
  scope?: Scope
}

const signedIn: Caller[] = Role.options.flatMap((role) =>
  (Object.keys(scopes) as Scope[]).map((scope) => {
    const name = `${role}-${scope}`
    return { name, role, scope, authorization: `Bearer ${tokenFor(name)}` }
  }),
)

/** Every role with every scope, and those without a right token. */
export const callers: readonly Caller[] = [
  ...signedIn,
  { name: 'nobody' },
  { name: 'guesser', authorization: 'Bearer a-token-that-is-none' },
  { name: 'confused', authorization: 'Basic YTpi' },
]

const preview: PlanPreview = { plan: aPlan(['web-1']), servers: [], steps: [], needsYes: false }

/** Starts an API of two teams with somebody for every role and scope, and a worker that answers questions. */
export async function startFloodedApi(server: RedisServer): Promise<TwoTeams> {
  const people = Object.fromEntries(
    signedIn.map(({ name, role, scope }) => [name, [{ role: role!, ...scopes[scope!] }]]),
  )
  const api = await startTwoTeams(server, { people, clusters: ['eu'], answerTimeoutMs: 5000 })
  const answerer = createAnswerer(server.connect({ maxRetriesPerRequest: null }), {
    cluster: 'eu',
    prefix: api.prefix,
    seals,
    clock: createSystemClock(),
    concurrency: 50,
    onError: () => {},
    onBug: () => {},
    answers: {
      plan: async () => preview,
      hosts: async () => ({ hosts: ['web-1'] }),
      doctor: async () => ({ checks: [] }),
      balancers: async () => ({ servers: [] }),
      recovery: async () => ({ servers: [], unasked: [] }),
    },
  })
  await answerer.ready()
  return {
    ...api,
    async [Symbol.asyncDispose]() {
      await answerer[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

/** Names of routes, as a request is made for each. */
export const routeNames = Object.keys(expectedAnswers) as RouteName[]

/** Whether a caller may get an answer from a route about a team, as the table of expected answers says. */
export function mayPass(
  { role, scope }: Caller,
  { route, team, text }: { route: RouteName; team: Team; text: string },
): boolean {
  const { roles, foreign, isOpen } = expectedAnswers[route]
  if (isOpen) return true
  if (role === undefined) return false
  // An admin of everything may do what is about no team; a deployer may lock, and lift no lock of others.
  const isAllowed =
    roles.includes(role) ||
    (role === 'admin' && scope === 'all') ||
    (role === 'deployer' && ['putLock', 'deleteLock'].includes(route))
  if (!isAllowed) return false
  return scope === 'all' || scope === team.team || foreign !== 'unknown' || !names(text, team)
}

function names(text: string, { application, deploymentId, planId, tokenId }: Team): boolean {
  return [application, deploymentId, planId, tokenId].some((name) => new RegExp(`\\b${name}\\b`).test(text))
}

/** The method of a route. */
export function methodOf(route: RouteName): string {
  return routes[route].method
}
