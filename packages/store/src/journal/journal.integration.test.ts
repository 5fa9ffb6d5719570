import { randomUUID } from 'node:crypto'
import { aServer } from '@vesemir/contract/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { testSeals } from '../seal/testing.ts'
import { createJournal } from './index.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const by = { deploymentId: 'd-1', host: 'web-1' }
const ref = { box: 'lb-1', backend: 'app', server: 'web-1' }
const web1 = aServer('web-1', ref)

const noted = [{ server: web1, weights: [100, 30] }]

/** The journal of a cluster, beside those of others with the same prefix. */
function aJournal({ cluster = 'eu', prefix = randomUUID(), seals = testSeals().worker } = {}) {
  return createJournal(server.connect(), { clock: createSystemClock(), seals, cluster, prefix })
}

/** A journal of its own, with a server that a walk has left out. */
async function aJournalWithLeftServer(options?: Parameters<typeof aJournal>[0]) {
  const journal = aJournal(options)
  await journal.note(noted, by)
  await journal.leave([web1], by)
  return journal
}

test('a walk that has lost its host notes nothing', async () => {
  const journal = await aJournalWithLeftServer()
  const confirm = () => Promise.reject(new Error('another worker has it'))

  await expect(journal.note(noted, { ...by, confirm })).rejects.toThrow('another worker has it')

  expect(await journal.listLeft()).toEqual([{ server: ref, ...by }])
})

test('what a walk leaves is listed, until a walk takes it up again or it is back', async () => {
  const journal = await aJournalWithLeftServer()
  expect(await journal.listLeft()).toEqual([{ server: ref, ...by }])

  await journal.note(noted, by)
  expect(await journal.listLeft()).toEqual([])

  await journal.leave([web1], by)
  await journal.clear([ref])
  expect(await journal.listLeft()).toEqual([])
  expect(await journal.list()).toEqual([])
})

test('where a left server is held, and that it was held again, is kept', async () => {
  const journal = await aJournalWithLeftServer()
  const [left] = await journal.listLeft()

  await journal.noteHeld(left!, { process: '17', again: true })

  expect(await journal.listLeft()).toMatchObject([{ heldIn: '17', heldAgainAt: expect.any(String) as string }])
  expect(await journal.list()).toMatchObject([{ ...by, heldAgainAt: expect.any(String) as string }])
})

test('nothing is noted of a server that is left no more', async () => {
  const journal = await aJournalWithLeftServer()
  const [left] = await journal.listLeft()
  await journal.note(noted, by)

  await journal.noteHeld(left!, { process: '17', again: true })

  expect(await journal.listLeft()).toEqual([])
})

test('what a server was and may be given is kept, and that a person has taken it out, until it is taken up again', async () => {
  const journal = await aJournalWithLeftServer()
  await journal.cede([web1])
  await journal.release([web1])

  expect(await journal.find([ref])).toMatchObject([{ ...noted[0], ...by, isHeldByPerson: true }])
  expect(await journal.list()).toMatchObject([{ ...noted[0], isHeldByPerson: true }])
  expect(await journal.listLeft()).toEqual([])

  await journal.note(noted, by)
  expect(await journal.find([ref])).not.toMatchObject([{ isHeldByPerson: true }])
})

test('servers of two clusters that have the same names are two', async () => {
  const shared = { prefix: randomUUID(), seals: testSeals().worker }
  const eu = await aJournalWithLeftServer({ ...shared, cluster: 'eu' })
  const us = aJournal({ ...shared, cluster: 'us' })
  await eu.cede([web1])

  const found = [await us.find([ref]), await us.list(), await us.listLeft()]
  await us.note(noted, { deploymentId: 'd-2', host: 'web-1' })
  await us.clear([ref])

  expect(found).toEqual([[], [], []])
  expect(await eu.find([ref])).toMatchObject([{ ...by, isHeldByPerson: true }])
  expect(await eu.listLeft()).toEqual([{ server: ref, ...by }])
})
