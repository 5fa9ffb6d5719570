import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aServer } from '@vesemir/contract/testing'
import { VesemirError, type Mark, type RemoteSession } from '@vesemir/core'
import { startSshd, type Sshd } from '../remote-shell/ssh/testing/start-sshd.ts'
import { createSsh } from '../remote-shell/index.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMarks } from './index.ts'

let sshd: Sshd
let session: RemoteSession
beforeAll(async () => {
  sshd = await startSshd()
  session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
})
afterAll(async () => {
  await session[Symbol.asyncDispose]()
  await sshd[Symbol.asyncDispose]()
})

const { signal } = new AbortController()
const timeoutMs = 10_000

const seal = {
  put: (place: string, text: string) => `${text}\n${place}`,
  open(place: string, sealed: string) {
    const [text = '', sealedFor] = sealed.split('\n')
    if (sealedFor !== place) throw new VesemirError('ORDER_FORGED', 'it does not hold')
    return { text }
  },
}

const aMark = (changes: Partial<Mark> = {}): Mark => ({
  epoch: 'a1',
  deploymentId: 'd-7',
  createdAt: '2026-03-01T15:04:05.000Z',
  host: 'web-1',
  attempt: 1,
  step: 'guard',
  servers: [{ server: aServer("it's"), weights: [100, 30] }],
  ...changes,
})

/** The mark of an application whose releases are in a folder of its own, which is not there yet. */
function open() {
  const directory = join(mkdtempSync(join(sshd.folder, 'case-')), 'releases of $HOME')
  const place = { application: 'shop', environment: 'test', changeset: { strategy: 'artifact', directory } } as never
  return { ...createMarks({ seal })(session, place), directory, place }
}

test('a mark goes to the host with the next script, whose output is its own, and is read by another session', async () => {
  const { remote, mark, place } = open()
  const lines: string[] = []
  mark.put(aMark())

  const { stdout } = await remote.run('echo of the script', { timeoutMs, onLine: ({ text }) => void lines.push(text) })
  await mark.written(signal)

  expect([stdout, lines]).toEqual(['of the script\n', ['of the script']])
  expect(await createMarks({ seal })(session, place).mark.read(signal)).toEqual(aMark())
})

test('a mark that no script has carried is written when it is needed, and written again with the step of a later script', async () => {
  const { remote, mark } = open()
  mark.put(aMark())
  await mark.written(signal)
  const first = await mark.read(signal)
  mark.note('deploy')
  const noScriptYet = await mark.read(signal)
  await remote.proveScripts({ timeoutMs })

  expect([first?.step, noScriptYet?.step, (await mark.read(signal))?.step]).toEqual(['guard', 'guard', 'deploy'])
})

test('a script that fails has carried its mark, and one that never ran has not', async () => {
  const { remote, mark } = open()
  mark.put(aMark())
  await expect(remote.run('exit 3', { timeoutMs, signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  expect(await mark.read(signal)).toBeUndefined()

  await expect(remote.run('exit 3', { timeoutMs })).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
  expect(await mark.read(signal)).toEqual(aMark())
})

test('a mark is gone when the host is as it was, and one that others wrote is none', async () => {
  const { mark, directory } = open()
  mark.put(aMark())
  await mark.written(signal)
  const [file] = readdirSync(directory)
  const kept = readFileSync(join(directory, file!), 'utf8')
  await mark.clear()
  const cleared = await mark.read(signal)
  writeFileSync(join(directory, file!), kept.replace('d-7', 'd-8').replace('shop', 'other'))

  expect([cleared, await mark.read(signal)]).toEqual([undefined, undefined])
  expect(readdirSync(directory)).toEqual(['.vesemir-shop+test+web-1'])
})

test('two places whose names differ only in where they end have a file each', async () => {
  const { directory } = open()
  const changeset = { strategy: 'artifact', directory }
  const marksOf = (application: string, environment: string) =>
    createMarks({ seal })(session, { application, environment, changeset } as never).mark
  const [one, other] = [marksOf('shop', 'eu-test'), marksOf('shop-eu', 'test')]
  for (const mark of [one, other]) {
    mark.put(aMark())
    await mark.written(signal)
  }

  expect([await one.read(signal), await other.read(signal)]).toEqual([aMark(), aMark()])
})

test('a host that cannot keep a mark runs its scripts all the same', async () => {
  const directory = '/dev/null/releases'
  const place = { application: 'shop', environment: 'test', changeset: { strategy: 'artifact', directory } } as never
  const { remote, mark } = createMarks({ seal })(session, place)
  mark.put(aMark())

  expect(await remote.run('echo done', { timeoutMs })).toEqual({ stdout: 'done\n' })
  await mark.written(signal)
  expect(await mark.read(signal)).toBeUndefined()
})

test.each(['d-', 'd-x', 'd-1e99', 'd-9999999999999999'])(
  'a mark of %s, which is no deployment, is none, also where nothing is sealed',
  async (deploymentId) => {
    const { place, directory } = open()
    const { mark } = createMarks({ seal: { put: (_, text) => text, open: (_, text) => ({ text }) } })(session, place)
    mark.put(aMark({ deploymentId }))
    await mark.written(signal)

    expect(readdirSync(directory)).toHaveLength(1)
    expect(await mark.read(signal)).toBeUndefined()
  },
)
