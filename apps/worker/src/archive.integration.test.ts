import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createArchive, createArchiver, openArchiveStorage, type ArchiveStorage } from '@vesemir/store/archive'
import { aPlan } from '@vesemir/contract/testing'
import type { DeploymentView } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { startS3, type S3Server } from '@vesemir/testing/start-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiSeals, openStores, type Stores } from './testing/open-stores.ts'

let server: RedisServer
let s3: S3Server
let folder: string
beforeAll(async () => {
  ;[server, s3, folder] = await Promise.all([startRedis(), startS3(), mkdtemp(join(tmpdir(), 'vesemir-archive-test-'))])
})
afterAll(async () => {
  await Promise.all([server, s3].map((part) => part[Symbol.asyncDispose]()))
  await rm(folder, { recursive: true })
})

const storages: Record<string, () => Promise<ArchiveStorage>> = {
  'a folder': async () => openArchiveStorage({ folder: await mkdtemp(join(folder, 'a-')) }, { env: {} }),
  'S3-compatible storage': () => openBucket(s3.secret),
}

test('a record that another worker removes while it is written is not written to its end', async () => {
  await using stores = openStores(server)
  const { deployments, recordLines } = stores.records
  const id = await createEnded(stores)
  const lines = recordLines.read(id)[Symbol.asyncIterator]()

  await lines.next()
  await deployments.remove((await deployments.readView(id))!)
  const rest = async () => {
    while (!(await lines.next()).done) continue
  }

  await expect(rest()).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' })
})

describe.each(Object.entries(storages))('in %s', (_, openStorage) => {
  test('an archived deployment is shown as it was, with its events and its output, and is whole', async () => {
    await using stores = openStores(server)
    const { storage, archive, archiver } = await openArchive(stores, openStorage)
    const id = await createEnded(stores)
    const before = await stores.records.deployments.readView(id)
    const events = await stores.records.eventLog.read(id, { after: 0, limit: 1000 })

    expect(await archiver.put(id)).toBe(before!.cursor)

    const view = await readView(archive, id)
    expect(view).toEqual({ ...before, archivedAt: expect.any(String) })
    const { epoch: _epoch, ...page } = events
    expect(await archive.readEvents(id, { after: 0, limit: 1000 })).toEqual(page)
    expect(page.events.some(({ type }) => type === 'log.appended')).toBe(true)
    expect(await readAll(archive, id, 2)).toEqual(page.events)
    expect(await storage.list('')).toHaveLength(1)
  })

  test('lists go by the filters, newest first, page after page, and leave out what is not visible', async () => {
    await using stores = openStores(server)
    const { archive, archiver } = await openArchive(stores, openStorage)
    const [first, second, third] = [
      await createEnded(stores),
      await createEnded(stores, 'failed'),
      await createEnded(stores),
    ]
    for (const id of [first, third, second]) await archiver.put(id!)
    const list = async (filter: object, isVisible = (_spec: { application: string }) => true) => {
      const page = await archive.list(
        { limit: 50, ...filter },
        { mayOpen: () => true, isVisible: ({ spec }) => isVisible(spec) },
      )
      return { ids: page.deployments.map(({ id }) => id), next: page.next }
    }

    expect(await list({})).toEqual({ ids: [third, second, first], next: undefined })
    expect(await list({ limit: 2 })).toEqual({ ids: [third, second], next: second })
    expect(await list({ limit: 2, before: second })).toEqual({ ids: [first], next: undefined })
    expect(await list({ status: 'failed' })).toEqual({ ids: [second], next: undefined })
    expect(await list({ application: 'payments-1' })).toEqual({ ids: [first], next: undefined })
    expect(await list({}, ({ application }) => application !== 'payments-2')).toMatchObject({ ids: [third, first] })
  })

  test('a deployment that is archived again after a retry is there once, as it is now', async () => {
    await using stores = openStores(server)
    const { storage, archiver } = await openArchive(stores, openStorage)
    const id = await createEnded(stores, 'failed')
    await archiver.put(id)
    await stores.records.commands.give(id, { command: { command: 'retry' }, by: 'ada' })

    await archiver.put(id)

    expect((await storage.list('')).map((name) => name.split('~').at(-1))).toEqual(['queued.jsonl'])
  })
})

test('what was changed in the archive is shown as incomplete, and what was cut off is refused', async () => {
  await using stores = openStores(server)
  const root = await mkdtemp(join(folder, 'b-'))
  const { archive, archiver } = await openArchive(stores, () => openArchiveStorage({ folder: root }, { env: {} }))
  const id = await createEnded(stores)
  await archiver.put(id)
  const path = await onlyFile(root)
  const text = await readFile(path, 'utf8')

  await writeFile(path, text.replace('"application":"payments-1"', '"application":"payments-9"'))
  await expect(archive.readViewJson(id)).rejects.toMatchObject({ code: 'ORDER_FORGED' })

  await writeFile(path, text.replace('"release":"2.0.0"', '"release":"6.6.6"'))
  expect(await readView(archive, id)).toMatchObject({ incomplete: { code: 'ORDER_FORGED' } })

  const lines = text.split('\n')
  await writeFile(path, lines.filter((line) => !line.includes('release.introduced')).join('\n'))
  await expect(archive.readViewJson(id)).rejects.toMatchObject({ code: 'RECORD_INVALID' })

  await writeFile(path, lines.slice(0, -3).join('\n'))
  await expect(archive.readViewJson(id)).rejects.toMatchObject({ code: 'RECORD_INVALID' })
})

test.each([
  ['a wrong secret', () => openBucket('wrong'), /403 SignatureDoesNotMatch/],
  ['no such bucket', () => openBucket(s3.secret, { bucket: 'missing' }), /404 NoSuchBucket/],
  ['no server', () => openBucket(s3.secret, { endpoint: 'http://127.0.0.1:2' }), /ECONNREFUSED/],
  ['no such folder', () => openArchiveStorage({ folder: join(folder, 'none') }, { env: {} }), /ENOENT/],
])('a storage that cannot be reached is told: %s', async (_, openStorage, message) => {
  await using stores = openStores(server)
  const { archive, archiver } = await openArchive(stores, openStorage)
  const id = await createEnded(stores)

  const failures = await Promise.allSettled([archiver.put(id), archive.read(id)])

  const reason = { code: 'ARCHIVE_FAILED', message: expect.stringMatching(message) }
  expect(failures).toMatchObject([{ reason }, { reason }])
})

function openBucket(secret: string, changes: { bucket?: string; endpoint?: string } = {}): Promise<ArchiveStorage> {
  const { endpoint, bucket, accessKeyId } = s3
  const prefix = `${Math.random().toString(36).slice(2)}/`
  const settings = { endpoint, region: 'eu-1', bucket, prefix, accessKeyId, secretAccessKey: { env: 'SECRET' } }
  return openArchiveStorage({ s3: { ...settings, ...changes } }, { env: { SECRET: secret } })
}

async function openArchive({ records }: Stores, openStorage: () => Promise<ArchiveStorage>) {
  const storage = await openStorage()
  return {
    storage,
    archive: createArchive({ storage, seals: apiSeals }),
    archiver: createArchiver({ storage, ...records }),
  }
}

type Outcome = 'succeeded' | 'failed'

/** A deployment that has ended, with a host and its output. */
async function createEnded(stores: Stores, outcome: Outcome = 'succeeded'): Promise<string> {
  const { records } = stores
  const id = await stores.create()
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web1']) })
  const host = await records.claims.claimHost(id, 'web1', 'w1')
  void host.log('deploy', { stream: 'stdout', text: 'a line, “quoted”' })
  await host.append({ type: 'release.introduced', host: 'web1', release: '2.0.0' })
  await host[Symbol.asyncDispose]()
  const failure = { code: 'HOSTS_FAILED', message: 'one host failed', hint: 'see why' }
  await claim.end({ type: 'deployment.ended', ...(outcome === 'failed' ? { outcome, failure } : { outcome }) })
  return id
}

async function readView(archive: ReturnType<typeof createArchive>, id: string): Promise<DeploymentView> {
  return JSON.parse(Buffer.from((await archive.readViewJson(id))!).toString()) as DeploymentView
}

async function readAll(archive: ReturnType<typeof createArchive>, id: string, limit: number) {
  const pages = []
  for (let after = 0; ;) {
    const page = (await archive.readEvents(id, { after, limit }))!
    pages.push(...page.events)
    if (page.ended) return pages
    after = page.next
  }
}

async function onlyFile(root: string): Promise<string> {
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.jsonl'))
  expect(files).toHaveLength(1)
  return join(root, files[0]!)
}
