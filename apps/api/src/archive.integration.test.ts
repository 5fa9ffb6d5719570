import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type DeploymentView } from '@vesemir/contract'
import { createArchive, createArchiver, openArchiveStorage } from '@vesemir/store/archive'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seals, startApi, tokenOf } from './testing/start-api.ts'
import { end, say, startStory } from './testing/story.ts'
import { startTwoTeams, tokenFor } from './testing/two-teams.ts'

let server: RedisServer
let folder: string
beforeAll(async () => {
  ;[server, folder] = await Promise.all([startRedis(), mkdtemp(join(tmpdir(), 'vesemir-archive-'))])
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function openFolder() {
  const storage = await openArchiveStorage({ folder: await mkdtemp(join(folder, 'a-')) }, { env: {} })
  return { storage, archive: createArchive({ storage, seals }) }
}

test('an archived deployment is shown and followed at its address, listed as archived, and takes no command', async () => {
  const { storage, archive } = await openFolder()
  await using api = await startApi(server, { archive })
  const client = createClient({ url: api.url, token: tokenOf('admin') })
  const story = await startStory(api)
  await say(story.web1, 'stdout', 'started')
  await end(story.deployment)
  const { id } = story
  const before = await client.getDeployment(id)
  const page = await client.listEvents(id)
  await createArchiver({ storage, ...api.records }).put(id)
  await api.records.deployments.remove(before)

  expect((await client.listDeployments()).deployments).toEqual([])
  expect((await client.listArchive({ application: 'payments' })).deployments).toEqual([before.deployment])
  expect((await client.listArchive({ status: 'failed' })).deployments).toEqual([])
  const view: DeploymentView = await client.getDeployment(id)
  expect(view).toEqual({ ...before, archivedAt: expect.any(String) })
  expect((await client.listEvents(id)).events).toEqual(page.events)
  const followed = []
  for await (const item of client.followEvents(id)) followed.push(item)
  expect(followed).toEqual(page.events)
  await expect(client.commandDeployment(id, { command: 'retry' })).rejects.toMatchObject({
    problem: { code: 'DEPLOYMENT_REMOVED' },
  })
})

test('who may not read a deployment does not find it in the archive', async () => {
  const { storage, archive } = await openFolder()
  await using api = await startTwoTeams(server, { archive, people: { ada: [{ role: 'viewer', teams: ['core'] }] } })
  const archiver = createArchiver({ storage, ...api.records })
  const [own, others] = [api.core.deploymentId, api.fin.deploymentId]
  for (const id of [own, others]) {
    const claim = await api.records.claims.claimDeployment(id, 'w2')
    await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
    await archiver.put(id)
    await api.records.deployments.remove((await api.records.deployments.readView(id))!)
  }
  const client = createClient({ url: api.url, token: tokenFor('ada') })

  expect((await client.listArchive()).deployments.map(({ id }) => id)).toEqual([own])
  await expect(client.getDeployment(others)).rejects.toMatchObject({ problem: { code: 'DEPLOYMENT_UNKNOWN' } })
  await expect(client.listEvents(others)).rejects.toMatchObject({ problem: { code: 'DEPLOYMENT_UNKNOWN' } })
})

test('an API without an archive says so', async () => {
  await using api = await startApi(server)
  const client = createClient({ url: api.url, token: tokenOf('viewer') })

  await expect(client.listArchive()).rejects.toMatchObject({ problem: { code: 'ARCHIVE_MISSING', status: 404 } })
})
