import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Role, routes, type Grant, type Problem } from '@vesemir/contract'
import { createArchive, openArchiveStorage } from '@vesemir/store/archive'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { LightMyRequestResponse as Response } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectedAnswers, type RouteName } from '../testing/expected-answers.ts'
import { seals } from '../testing/start-api.ts'
import { startTwoTeams, tokenFor, type Team, type TwoTeams } from '../testing/two-teams.ts'
import { openViewer } from '../testing/viewer.ts'

const everyone = Role.options
const names = Object.keys(expectedAnswers) as RouteName[]
let server: RedisServer
let api: TwoTeams
let folder: string
/** A token for machines of team core. */
let machines: string
beforeAll(async () => {
  server = await startRedis()
  const people: Record<string, Grant[]> = Object.fromEntries(
    everyone.map((role) => [role, [{ role, teams: ['core'] }]]),
  )
  people['chief'] = [{ role: 'admin' }]
  folder = await mkdtemp(join(tmpdir(), 'vesemir-archive-'))
  const archive = createArchive({ storage: await openArchiveStorage({ folder }, { env: {} }), seals })
  api = await startTwoTeams(server, { people, clusters: ['eu'], archive })
  machines = await createMachines([{ role: 'converger', teams: ['core'] }])
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
  const send = (team: Team, token?: string) =>
    api.app.inject({
      method: routes[name].method,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      ...ask(team),
    })
  // Who reads nothing does not know that there is such an application.
  const refusalOfConverger = foreign === 'unknown' ? 'unknown' : refusal

  it('answers without a token only what is open to all', async () => {
    const answer = await send(api.core)

    const answered = roles.includes('viewer') ? 'answered' : refusal
    expect(outcomeOf(answer)).toBe(isOpen ? answered : 'UNAUTHENTICATED')
  })

  it.each(everyone)('answers a %s of the own team as the role says, and of another team nothing', async (role) => {
    const own = await send(api.core, tokenFor(role))
    const others = await send(api.fin, tokenFor(role))

    const refused = role === 'converger' ? refusalOfConverger : refusal
    const expected = roles.includes(role) ? 'answered' : refused
    const shownToConverger = role === 'converger' && own.statusCode < 400 ? own.body : ''
    expect(shownToConverger).not.toMatch(/payments/)
    expect(outcomeOf(own)).toBe(expected)
    expect(own.body).not.toMatch(/ledger|fin\b/)
    expect(outcomeOf(others)).toBe(foreign === 'unknown' ? 'unknown' : expected)
  })

  it('answers a token for machines as the role says, and nothing that its owner may', async () => {
    const own = await send(api.core, machines)
    const others = await send(api.fin, machines)

    const expected = roles.includes('converger') ? 'answered' : refusalOfConverger
    expect(outcomeOf(own)).toBe(expected)
    expect(outcomeOf(others)).toBe(foreign === 'unknown' ? 'unknown' : expected)
    const shown = [own, others].filter(({ statusCode }) => statusCode < 400).map(({ body }) => body)
    expect(shown.join('\n')).not.toMatch(/payments|ledger|fin\b/)
  })
})

describe('a token for machines', () => {
  const convergence = (application: string, body: object) =>
    api.app.inject({
      method: 'POST',
      url: `/v1/applications/${application}/convergence`,
      headers: { authorization: `Bearer ${machines}` },
      payload: body,
    })

  it.each([
    ['all hosts', 'payments', { environment: 'production' }, 'FORBIDDEN'],
    ['a dry run', 'payments', { environment: 'production', host: 'web-1', dryRun: true }, 'FORBIDDEN'],
    ['another team', 'ledger', { environment: 'production', host: 'web-1' }, 'APPLICATION_UNKNOWN'],
  ])('does not converge %s', async (_, application, body, code) => {
    const answer = await convergence(application, body)

    expect(answer.json()).toMatchObject({ code })
  })

  it('sees nothing by the socket, the stream and the queues, of which its owner sees all, where it is for all teams', async () => {
    const everywhere = await createMachines([{ role: 'converger' }])
    const path = `/v1/deployments/${api.core.deploymentId}/events`
    const statusesOf = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` }
      const socket = await openViewer(api.socketUrl + path, { headers }).then(
        (viewer) => viewer.socket.terminate(),
        (error: { status: number }) => error.status,
      )
      return [socket, (await api.app.inject({ url: '/queues/view/api/queues', headers })).statusCode]
    }
    const headers = { authorization: `Bearer ${everywhere}`, accept: 'text/event-stream' }

    const stream = await api.app.inject({ url: path, headers })

    expect(stream.statusCode).toBe(404)
    expect(await statusesOf(everywhere)).toEqual([404, 404])
    expect(await statusesOf(tokenFor('chief'))).toEqual([undefined, 200])
  })
})

/** Makes a token of an admin of everything: it must have nothing of theirs. */
async function createMachines(grants: Grant[]): Promise<string> {
  const { token } = await api.apiTokens.create({
    name: 'machines',
    owner: { kind: 'token', name: 'chief' },
    grants,
    expiresMs: Date.now() + 3_600_000,
  })
  return token
}

/** A route that asks a worker has been let through when none answers, and so has one that finds nothing deployed yet. */
function outcomeOf(answer: Response): string {
  if (answer.statusCode < 400 || answer.statusCode === 504) return 'answered'
  const { code } = answer.json<Problem>()
  if (code === 'CONVERGE_UNSETTLED') return 'answered'
  return answer.statusCode === 404 && code.endsWith('_UNKNOWN') ? 'unknown' : code
}
