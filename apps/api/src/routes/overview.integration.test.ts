import type { Overview } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTwoTeams, tokenFor } from '../testing/two-teams.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

it('shows each person what needs them, runs and is locked there, and nothing of other teams', async () => {
  const people = {
    ada: [{ role: 'deployer' as const, teams: ['core'] }],
    eve: [{ role: 'viewer' as const }],
  }
  await using api = await startTwoTeams(server, { people, clusters: ['eu'] })
  const { deploymentId: id, application } = api.core
  const lock = { application, environment: 'production', by: 'chief', reason: 'sale' }
  await api.records.applicationLocks.put(lock)
  await api.records.commands.give(id, { command: { command: 'pause' }, by: 'ada' })
  const claim = await api.records.claims.claimDeployment(id, 'w2')
  await claim.append({ type: 'deployment.paused', by: 'ada', follows: 3 })
  const look = async (name: string) => {
    const headers = { authorization: `Bearer ${tokenFor(name)}` }
    return (await api.app.inject({ url: '/v1/overview', headers })).json<Overview>()
  }

  const [ada, eve] = [await look('ada'), await look('eve')]

  expect(ada.needs.map(({ need, deployment }) => [need, deployment.id])).toEqual([['paused', id]])
  expect(ada.ongoing.map(({ id: each }) => each)).toEqual([id])
  expect(ada.places).toEqual([
    {
      application,
      environment: 'production',
      team: 'core',
      cluster: 'eu',
      versions: [],
      drifted: [],
      outOfRotation: [],
      lock: { ...lock, at: expect.any(String) as string },
      ongoing: [id],
      promotions: [],
    },
  ])
  expect(eve.needs).toEqual([])
  expect(eve.places.map((place) => place.application)).toEqual(['ledger', 'payments'])
})

it('names the deployment that failed in a place to all who may see it, and not as a need of theirs', async () => {
  const people = {
    eve: [{ role: 'viewer' as const, teams: ['core'] }],
    bob: [{ role: 'admin' as const, teams: ['fin'] }],
  }
  await using api = await startTwoTeams(server, { people, clusters: ['eu'] })
  const { deploymentId: id } = api.core
  const claim = await api.records.claims.claimDeployment(id, 'w2')
  const failure = { code: 'HOSTS_FAILED' as const, message: 'hosts: 1 failed' }
  await claim.end({ type: 'deployment.ended', outcome: 'failed', failure })
  const look = async (name: string) => {
    const headers = { authorization: `Bearer ${tokenFor(name)}` }
    return (await api.app.inject({ url: '/v1/overview', headers })).json<Overview>()
  }

  const [eve, bob] = [await look('eve'), await look('bob')]

  expect(eve.needs).toEqual([])
  expect(eve.places.map((place) => place.failure)).toEqual([{ deployment: id, version: '1.0.0', failed: 0, hosts: 1 }])
  expect(bob.places.map((place) => place.failure)).toEqual([undefined])
})
