import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Role, routes, type Problem } from '@vesemir/contract'
import { createArchive, openArchiveStorage } from '@vesemir/store/archive'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { LightMyRequestResponse as Response } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectedAnswers, type RouteName } from '../testing/expected-answers.ts'
import { seals } from '../testing/start-api.ts'
import { startTwoTeams, tokenFor, type Team, type TwoTeams } from '../testing/two-teams.ts'

const everyone = Role.options
const names = Object.keys(expectedAnswers) as RouteName[]
let server: RedisServer
let api: TwoTeams
let folder: string
beforeAll(async () => {
  server = await startRedis()
  const people = Object.fromEntries(everyone.map((role) => [role, [{ role, teams: ['core'] }]]))
  folder = await mkdtemp(join(tmpdir(), 'vesemir-archive-'))
  const archive = createArchive({ storage: await openArchiveStorage({ folder }, { env: {} }), seals })
  api = await startTwoTeams(server, { people, clusters: ['eu'], archive })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  for (const { application } of [api.core, api.fin])
    await api.records.applicationLocks.put({
      application,
      environment: 'production',
      by: 'chief',
      reason: `stocktaking ${application}`,
    })
})

describe.each(names)('%s', (name) => {
  const { ask, roles, foreign, refusal = 'FORBIDDEN', isOpen = false } = expectedAnswers[name]
  const send = (team: Team, role?: Role) =>
    api.app.inject({
      method: routes[name].method,
      ...(role ? { headers: { authorization: `Bearer ${tokenFor(role)}` } } : {}),
      ...ask(team),
    })

  it('answers without a token only what is open to all', async () => {
    const answer = await send(api.core)

    const answered = roles.includes('viewer') ? 'answered' : refusal
    expect(outcomeOf(answer)).toBe(isOpen ? answered : 'UNAUTHENTICATED')
  })

  it.each(everyone)('answers a %s of the own team as the role says, and of another team nothing', async (role) => {
    const own = await send(api.core, role)
    const others = await send(api.fin, role)

    // Who reads nothing does not know that there is such an application.
    const refused = role === 'converger' && foreign === 'unknown' ? 'unknown' : refusal
    const expected = roles.includes(role) ? 'answered' : refused
    const shownToConverger = role === 'converger' && own.statusCode < 400 ? own.body : ''
    expect(shownToConverger).not.toMatch(/payments/)
    expect(outcomeOf(own)).toBe(expected)
    expect(own.body).not.toMatch(/ledger|fin\b/)
    expect(outcomeOf(others)).toBe(foreign === 'unknown' ? 'unknown' : expected)
  })
})

/** A route that asks a worker has been let through when none answers, and so has one that finds nothing deployed yet. */
function outcomeOf(answer: Response): string {
  if (answer.statusCode < 400 || answer.statusCode === 504) return 'answered'
  const { code } = answer.json<Problem>()
  if (code === 'CONVERGE_UNSETTLED') return 'answered'
  return answer.statusCode === 404 && code.endsWith('_UNKNOWN') ? 'unknown' : code
}
