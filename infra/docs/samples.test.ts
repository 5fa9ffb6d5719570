import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createSystemClock } from '@vesemir/process/clock'
import { ApplicationDefinition, EventPage, Notice, Problem } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { isVesemirError, type Clock, type Inventory } from '@vesemir/core'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { pages, root, samplesOf, type Sample } from './pages.ts'
import { settingsSchemas } from './settings/files.ts'

let folder: string
let readConfigOf: Record<'api' | 'worker', ReadConfig>
let createInventory: CreateInventory
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-samples-'))
  readConfigOf = { api: await loadReadConfig('api'), worker: await loadReadConfig('worker') }
  createInventory = await loadCreateInventory()
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const schemas = await settingsSchemas()
const execute = promisify(execFile)
const all = (language: string) => pages.flatMap((page) => samplesOf(page, language))

test.each(all('yaml').flatMap(alternatives))('$page:$line is what some settings file may hold', async ({ text }) => {
  const check = kindOf(parse(text) as object)

  await expect(check(text)).resolves.not.toThrow()
})

test.each(all('yml'))('$page:$line is YAML of another program', ({ text }) => {
  expect(parse(text)).toBeTypeOf('object')
})

test.each(all('json'))('$page:$line is JSON of the API', ({ text }) => {
  const value = JSON.parse(text) as object
  const schema = 'event' in value ? Notice : 'title' in value ? Problem : EventPage

  expect(schema.safeParse(value).error).toBeUndefined()
})

test.each(all('js'))('$page:$line is a program', async ({ text }) => {
  const file = join(folder, 'sample.mjs')
  await writeFile(file, text)

  await expect(execute(process.execPath, ['--check', file])).resolves.not.toThrow()
})

test.each(all('sh'))('$page:$line is understood by a shell', async ({ text }) => {
  await expect(execute('bash', ['-n', '-c', text])).resolves.not.toThrow()
})

/** A block that shows one setting in several ways is one sample for each of its lines. */
function alternatives(sample: Sample): Sample[] {
  const lines = sample.text.split('\n').filter((line) => line !== '')
  const names = new Set(lines.map((line) => line.split(':')[0]))
  if (lines.length === 1 || names.size > 1) return [sample]
  return lines.map((text, index) => ({ ...sample, text, line: sample.line + 1 + index }))
}

/** Tells by its settings of what kind a sample is: all of it, or a part with what it leaves out. */
function kindOf(content: object): (text: string) => Promise<unknown> {
  if ('tokens' in content) return readApi
  if ('clusters' in content) return readWorker
  if ('archive' in content || 'retention' in content)
    return (text) => readWorker(`redis: redis://127.0.0.1\nclusters: { eu: {} }\n${text}`)
  if ('protections' in content || 'metrics' in content || 'redis' in content)
    return (text) => readApi(`${apiNeeds}\n${text}`)
  if ('inventory' in content || 'remoteShell' in content || 'changesets' in content || 'loadBalancers' in content)
    return (text) => readWorker(`clusters:\n  eu:\n${indented({ ...cluster, ...(parse(text) as object) })}`)
  if ('production' in content) return readInventory
  return async (text) => {
    const definition = { name: 'payments', team: 'core', ...(parse(text) as object) }
    demandValid('application', definition)
    return ApplicationDefinition.parse(definition)
  }
}

const ajv = new Ajv({ strict: false, logger: false })

/** What editors check files by must say the same of them. */
function demandValid(kind: keyof Awaited<ReturnType<typeof settingsSchemas>>, content: object): void {
  if (!ajv.validate(schemas[kind], content)) throw new Error(ajv.errorsText())
}

const apiNeeds = `clusters: [eu]\ntokens: { ada: { role: admin, sha256: ${'ab'.repeat(32)} } }`

const cluster = {
  inventory: { kind: 'file', path: '/etc/vesemir/hosts.yml' },
  remoteShell: { kind: 'ssh', user: 'deploy', agent: '/run/agent' },
}

/** JSON is YAML too. */
function indented(settings: object): string {
  return `    ${JSON.stringify(settings)}`
}

/** Samples need not say where keys are. */
const keys = '/etc/vesemir/keys'

async function readApi(text: string): Promise<unknown> {
  demandValid('api', { orders: 'unsigned', ...(parse(text) as object) })
  return readConfigOf.api({ VESEMIR_API_CONFIG: await written(text), VESEMIR_KEYS: keys })
}

async function readWorker(text: string): Promise<unknown> {
  const complete = withClusters(text)
  demandValid('worker', { orders: 'unsigned', ...(parse(complete) as object) })
  return readConfigOf.worker({ VESEMIR_WORKER_CONFIG: await written(complete), VESEMIR_KEYS: keys })
}

/** An app is no package that others import: its settings are reached by their path. */
async function loadReadConfig(app: 'api' | 'worker'): Promise<ReadConfig> {
  const { readConfig } = (await import(join(root, `apps/${app}/src/config.ts`))) as { readConfig: ReadConfig }
  return readConfig
}

type ReadConfig = (env: NodeJS.ProcessEnv) => Promise<unknown>

/** By its path too: what the root depends on, each app could import, and the API may not reach machines. */
async function loadCreateInventory(): Promise<CreateInventory> {
  const module = (await import(join(root, 'packages/machines/src/inventory/index.ts'))) as {
    createInventory: CreateInventory
  }
  return module.createInventory
}

type CreateInventory = (options: object, deps: { ssh: { user: string; port: number }; clock: Clock }) => Inventory

/** The keys of the sample's hosts are in another file: that they are missing is seen when all else has been read. */
async function readInventory(text: string): Promise<unknown> {
  const options = { kind: 'file', path: await written(text), variables: inventoryVariables } as const
  const inventory = createInventory(options, { ssh: { user: 'deploy', port: 22 }, clock: createSystemClock() })
  return inventory.findHosts(spec).catch((error: unknown) => {
    if (!isVesemirError(error, 'HOST_KEY_MISSING')) throw error
  })
}

const inventoryVariables = { environment: 'environment', application: 'application', team: 'team', zone: 'zone' }

const spec = aSpec({ cluster: 'eu' })

/** A sample of one part of a cluster's settings leaves the others out. */
function withClusters(text: string): string {
  const settings = parse(text) as { clusters: Record<string, object> }
  const clusters = Object.entries(settings.clusters).map(([name, own]) => [name, { ...cluster, ...own }])
  return JSON.stringify({ ...settings, clusters: Object.fromEntries(clusters) as object })
}

async function written(text: string): Promise<string> {
  const file = join(folder, 'settings.yml')
  await writeFile(file, text)
  return file
}
