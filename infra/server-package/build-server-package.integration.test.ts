import { createClient } from '@vesemir/contract'
import { startRedis } from '@vesemir/testing/start-redis'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildServerPackage } from './build-server-package.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
let dependencies: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-server-'))
  await buildServerPackage(folder)
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: typeof dependencies
  }
  dependencies = manifest.dependencies
  for (const name of Object.keys(dependencies)) await install(name)
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['api.mjs', 'VESEMIR_API_CONFIG'],
  ['worker.mjs', 'VESEMIR_WORKER_CONFIG'],
])('%s runs with its dependencies alone, up to its settings', async (program, variable) => {
  const run = promisify(execFile)(process.execPath, [join(folder, program)], { env: {} })

  const stderr = `error: ${variable} is not set: it names the settings file (CONFIG_INVALID)\n→ Fix the named setting or file.\n`
  await expect(run).rejects.toMatchObject({ code: 2, stderr })
})

test('names every library with the version that the workspace has', async () => {
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['bullmq', 'fastify', 'ssh2', 'zod']))
  expect(Object.keys(dependencies).filter((name) => name.startsWith('@vesemir/'))).toEqual([])
  expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

test('has every Lua and shell program of the workspace in it', async () => {
  const programs = globSync('packages/*/src/**/*.{lua,sh}', { cwd: root }).map((path) => join(root, path))
  const packed = (await readdir(join(folder, 'programs'))).map((name) => join(folder, 'programs', name))

  expect(await textsOf(packed)).toEqual(await textsOf(programs))
})

test('records a deployment by the Lua programs that it has in it', async () => {
  await using redis = await startRedis()
  await using api = await startApi(redis.url)
  await api.client.putApplication({
    name: 'payments',
    team: 'core',
    cluster: 'eu',
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: ['true'] },
    service: { restart: 'sv restart payments' },
    healthCheck: { kind: 'tcp', port: 8080 },
    environments: { production: {} },
  })

  const { id } = await api.client.createDeployment({
    application: 'payments',
    environment: 'production',
    version: '1.0.0',
  })

  expect((await api.client.listEvents(id)).events).toMatchObject([{ type: 'deployment.queued', id }])
})

async function textsOf(paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return texts.toSorted()
}

/** Starts the package's API, and waits until it listens. */
async function startApi(redisUrl: string) {
  const token = 'a-token-of-an-admin'
  const settings = join(folder, 'api.yml')
  await writeFile(settings, `port: 0\nclusters: [eu]\norders: unsigned\nredis: ${redisUrl}\n`)
  const env = { VESEMIR_API_CONFIG: settings, VESEMIR_TOKENS: `ada:admin:${token}` }
  const api = spawn(process.execPath, [join(folder, 'api.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(api, 'close')
  let url: string | undefined
  for await (const line of createInterface(api.stdout)) if ((url = /http:\/\/127[^"\s]+/.exec(line)?.[0])) break
  if (url === undefined) throw new Error('the API ended before it listened')
  api.stdout.resume()
  return {
    client: createClient({ url, token }),
    async [Symbol.asyncDispose]() {
      api.kill('SIGTERM')
      await ended
    },
  }
}

/** Puts a dependency where npm would, from whoever has it in the workspace. */
async function install(name: string): Promise<void> {
  const owners = ['apps/api', 'apps/worker', 'packages/store', 'packages/machines', 'packages/process'].map((owner) =>
    join(root, owner, 'node_modules', name),
  )
  const there = join(folder, 'node_modules', name)
  await mkdir(dirname(there), { recursive: true })
  await symlink(
    owners.find((path) => existsSync(path))!,
    there,
  )
}
