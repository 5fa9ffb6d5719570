import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { LogLevel } from './fields.ts'
import { readSettings } from './read-settings.ts'

const Settings = z.strictObject({
  port: z.int().max(65_535).default(8080),
  redis: z.url({ protocol: /^redis$/, error: 'is not a redis: address' }).default('redis://127.0.0.1:6379'),
  logLevel: LogLevel,
  tokens: z.record(z.string(), z.strictObject({ role: z.enum(['viewer', 'admin']) })).default({}),
  clusters: z.array(z.string()).optional(),
  store: z.union([z.string(), z.strictObject({ url: z.string().optional(), password: z.string().max(8) })]).optional(),
})

const variables = {
  REDIS: { setting: 'redis' },
  PASSWORD: { setting: 'store.password', shorthandFor: 'url' },
  TOKENS: { setting: 'tokens', read: (text: string) => ({ [text]: { role: 'viewer' } }) },
}

let file: string

beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'vesemir-settings-')), 'api.yml')
})
afterEach(() => rm(join(file, '..'), { recursive: true }))

test('completes what the file says by defaults', async () => {
  expect(await read('port: 80')).toEqual({
    port: 80,
    redis: 'redis://127.0.0.1:6379',
    logLevel: 'info',
    tokens: {},
  })
})

test('puts a variable over the file, and adds one that is an object to what the file has', async () => {
  const text = 'redis: redis://file\ntokens: { ada: { role: admin } }'

  const settings = await read(text, { REDIS: 'redis://variable', TOKENS: 'bob' })

  expect(settings).toMatchObject({
    redis: 'redis://variable',
    tokens: { ada: { role: 'admin' }, bob: { role: 'viewer' } },
  })
})

test('adds a variable of one field to the fields of the file, or to the text that stands for them', async () => {
  const env = { PASSWORD: 'secret' }

  expect(await read('store: { url: a }', env)).toMatchObject({ store: { url: 'a', password: 'secret' } })
  expect(await read('store: b', env)).toMatchObject({ store: { url: 'b', password: 'secret' } })
  expect(await read('port: 80', env)).toMatchObject({ store: { password: 'secret' } })
})

test('takes a variable that is set to nothing as not set', async () => {
  expect(await read('redis: redis://file', { REDIS: '' })).toMatchObject({ redis: 'redis://file' })
})

test.each([
  ['port: many', 'api.yml:1:1  port: "many" is not a number'],
  ['port: 70000', 'api.yml:1:1  port: 70000 is too big: at most 65535'],
  ['logLevel: loud', 'api.yml:1:1  logLevel: "loud" is not one of "debug", "info", "warn", "error", "silent"'],
  ['port: 80\ncolour: red', 'api.yml:2:1  colour: unknown setting'],
  ['tokens:\n  ada: { role: root }', 'api.yml:2:10  tokens.ada.role: "root" is not one of "viewer", "admin"'],
  ['clusters: eu', 'api.yml:1:1  clusters: "eu" is not a list'],
  ['redis: postgres://:hunter2@db', 'api.yml:1:1  redis: is not a redis: address'],
  ['hello', 'api.yml:1:1  : the file is a string; write one "name: value" a line'],
  ['- hello', 'api.yml:1:1  : the file is a list; write one "name: value" a line'],
  ['', 'api.yml:1:1  : the file is empty; write one "name: value" a line'],
  [
    'port: [hunter2',
    'api.yml:1:15  : Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
])('says which setting of %j is wrong, where, and what would be right', async (text, complaint) => {
  const error = await read(text).catch((cause: unknown) => cause)

  expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: `${file} is not valid` })
  expect(complaints(error)).toEqual([complaint])
})

test('names the variable that is wrong, and not its value', async () => {
  const error = await read('redis: redis://file', { REDIS: 'hunter2' }).catch((cause: unknown) => cause)

  expect(complaints(error)).toEqual(['REDIS  redis: is not a redis: address'])
})

test('names the variable of the field that is wrong', async () => {
  const error = await read('store: a', { PASSWORD: 'too long, this' }).catch((cause: unknown) => cause)

  expect(complaints(error)).toEqual([expect.stringMatching(/^PASSWORD {2}store\.password: /)])
})

test('says that the variable of the file is not set, or that the file is not there', async () => {
  const source = { schema: Settings, file: 'CONFIG', variables }

  await expect(readSettings({ ...source, env: {} })).rejects.toThrow(
    'CONFIG is not set; set it to the path of the settings file',
  )
  await expect(readSettings({ ...source, env: { CONFIG: '/not/there' } })).rejects.toThrow(
    '/not/there cannot be read: ENOENT',
  )
})

async function read(text: string, env: NodeJS.ProcessEnv = {}) {
  await writeFile(file, text)
  return readSettings({ schema: Settings, env: { ...env, CONFIG: file }, file: 'CONFIG', variables })
}

function complaints(error: unknown): string[] {
  const { errors } = (error as { details: { errors: { field: string; message: string; place: string }[] } }).details
  return errors.map(({ field, message, place }) => `${place.replace(/^.*\//, '')}  ${field}: ${message}`)
}
