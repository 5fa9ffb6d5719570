import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApplicationDefinition } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { exportAll } from './export.ts'
import { importAll } from './import.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'vesemir-transfer-'))))
afterAll(() => rm(folder, { recursive: true }))

const payments = ApplicationDefinition.parse({ name: 'payments', team: 'core', concurrency: 2 })
const lock = {
  application: 'payments',
  environment: 'production',
  by: 'ada',
  at: '2026-01-01T00:00:00.000Z',
  reason: 'stocktaking',
}
const grant = { who: 'group:sre', role: 'operator' as const }
const full = { applications: [payments], locks: [lock], grants: [grant] }
const nothing = { applications: [], locks: [], grants: [] }

interface Answers {
  grants?: object[]
  checks?: object[]
}

function startApi(here: Partial<typeof full>, { grants = [{ role: 'admin' }], checks = [] }: Answers = {}) {
  const has = { ...nothing, ...here }
  return startFakeApi({
    answers: {
      'GET /v1/session': [200, { name: 'ada', role: 'admin', grants }],
      'GET /v1/applications': [200, { applications: has.applications }],
      'GET /v1/locks': [200, { locks: has.locks }],
      'GET /v1/grants': [200, { grants: has.grants }],
      'GET /v1/doctor': [200, { checks }],
      'PUT /v1/applications/payments': [200, payments],
      'PUT /v1/locks/payments/production': [200, lock],
    },
  })
}

async function exported(): Promise<string> {
  const file = join(folder, `${Math.random()}.jsonl`)
  await using api = await startApi(full)
  await exportAll(file, aSession(api.url).session)
  return file
}

async function runImport(file: string, here: Partial<typeof full>, options: { plan?: boolean } = {}) {
  await using api = await startApi(here)
  const { session, output } = aSession(api.url)
  const exit = await importAll(file, { ...options, session })
  const written = api.requests.filter(({ method }) => method !== 'GET')
  return {
    exit,
    output: output.stdout,
    told: output.stderr,
    written: written.map(({ path, body }) => ({ path, body })),
  }
}

test('an export is JSON lines for its owner alone, and says how many', async () => {
  const file = await exported()

  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { kind: 'export', format: 1, version: expect.any(String), exportedAt: expect.any(String) },
    { kind: 'application', definition: payments },
    { kind: 'lock', lock },
    { kind: 'grant', grant },
    { kind: 'end-of-export', lines: 3 },
  ])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('a definition that cannot be read is named, and a file without it is no success', async () => {
  const detail = 'application billing was replaced in Redis after it was registered'
  const check = { name: 'record', target: 'applications', ok: false, detail, hint: 'Register it again' }
  const ssh = { name: 'ssh', target: 'web1', ok: false, detail: 'refused', hint: 'see why' }
  await using api = await startApi(full, { checks: [check, ssh] })
  const { session, output } = aSession(api.url)

  expect(await exportAll(undefined, session)).toBe(9)
  expect(output.stderr).toBe(`missing in the export: ${detail}. Register it again\n`)
  expect(output.stdout.trimEnd().split('\n')).toHaveLength(5)
})

test('an import writes what is new, and a grant is for a person to add', async () => {
  const { exit, output, told, written } = await runImport(await exported(), {})

  expect(written).toEqual([
    { path: '/v1/applications/payments', body: payments },
    { path: '/v1/locks/payments/production', body: { reason: 'stocktaking' } },
  ])
  expect(output).toMatch(/^by hand +grant +group:sre +add it to grants in the API's settings$/m)
  expect({ exit, told }).toEqual({ exit: 9, told: '2 items imported\n' })
})

test('a plan writes nothing', async () => {
  const { exit, output, told, written } = await runImport(await exported(), { grants: [grant] }, { plan: true })

  expect(written).toEqual([])
  expect(output).toMatch(/^new +application +payments/m)
  expect({ exit, told }).toEqual({ exit: 0, told: '2 new items: nothing was imported\n' })
})

test('an import that is repeated writes nothing, and what is here otherwise stays', async () => {
  const again = await runImport(await exported(), full)
  const changed = ApplicationDefinition.parse({ ...payments, concurrency: 5 })
  const other = await runImport(await exported(), { ...full, applications: [changed] })

  expect([again.exit, again.written]).toEqual([0, []])
  expect([other.exit, other.written]).toEqual([9, []])
  expect(other.output).toMatch(/^conflict +application +payments +stays as it is here; differs in concurrency$/m)
})

test.each([
  ['a field', (text: string) => text.replace('"team":"core"', '"team":7'), '2', 'definition.team'],
  [
    'a field that nobody knows',
    (text: string) => text.replace('"kind":"lock"', '"kind":"lock","secret":1'),
    '3',
    'secret',
  ],
  ['a line that is not JSON', (text: string) => text.replace('{"kind":"grant"', '{kind:"grant"'), '4', ''],
  ['a line twice', (text: string) => text.replace(/^.*"kind":"lock".*$/m, '$&\n$&'), '4', 'lock.environment'],
  ['a missing line', (text: string) => text.replace(/^.*"kind":"lock".*\n/m, ''), '4', 'lines'],
  ['a missing end', (text: string) => text.replace(/^.*end-of-export.*\n/m, ''), '4', ''],
  ['another file', () => 'name: payments\n', '1', ''],
])('before anything is written, %s that is wrong is named by line and field', async (_, change, line, field) => {
  const file = await exported()
  await writeFile(file, change(await readFile(file, 'utf8')))

  await using api = await startApi({})
  const failed = importAll(file, { session: aSession(api.url).session })

  const error = expect.objectContaining({ field, place: `${file}:${line}` }) as object
  await expect(failed).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    details: { errors: expect.arrayContaining([error]) as object[] },
  })
  expect(api.requests).toEqual([])
})

test('an export of a newer version is not read, nor one that is not there', async () => {
  const file = await exported()
  await writeFile(file, (await readFile(file, 'utf8')).replace('"format":1', '"format":2'))
  const { session } = aSession('http://127.0.0.1:2')

  await expect(importAll(file, { session })).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' })
  await expect(importAll('/not/there', { session })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('only an admin of everything may export and import', async () => {
  await using api = await startApi({}, { grants: [{ role: 'admin', teams: ['core'] }] })
  const { session } = aSession(api.url)

  await expect(exportAll(undefined, session)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(importAll(await exported(), { session })).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
