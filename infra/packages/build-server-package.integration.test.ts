import { createClient } from '@vesemir/contract'
import { certify } from '@vesemir/testing/certify'
import { startRedis } from '@vesemir/testing/start-redis'
import { startSshd, writeKeyPair } from '@vesemir/testing/start-sshd'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { buildServerPackage } from './build-server-package.ts'

const root = join(import.meta.dirname, '../..')
/** A folder with the package and its libraries as npm installs them, instead of one built here. */
const { VESEMIR_INSTALLED: installed } = process.env
let folder: string
let dependencies: Record<string, string>
const token = 'a-token-of-an-admin'

beforeAll(async () => {
  folder = installed ? join(installed, 'node_modules/vesemir-server') : await mkdtemp(join(tmpdir(), 'vesemir-server-'))
  if (!installed) await buildServerPackage(folder)
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    dependencies: typeof dependencies
  }
  dependencies = manifest.dependencies
  if (!installed) for (const name of Object.keys(dependencies)) await install(name)
})
afterAll(async () => {
  if (!installed) await rm(folder, { recursive: true })
})

test.each([
  ['api', 'VESEMIR_API_CONFIG'],
  ['worker', 'VESEMIR_WORKER_CONFIG'],
])('vesemir-server %s runs with its dependencies alone, up to its settings', async (program, variable) => {
  const stderr = `error: ${variable} is not set; set it to the path of the settings file (CONFIG_INVALID)\n→ Fix the named setting or file.\n`
  expect(await run(program)).toEqual({ code: 2, stdout: '', stderr })
})

test('vesemir-server checks settings, and starts nothing', async () => {
  const settings = join(folder, 'checked.yml')
  const check = async (text: string) => {
    await writeFile(settings, text)
    return run('worker', '--config', settings, '--check')
  }
  const worker = { orders: 'unsigned', clusters: { eu: clusterOf('/etc/vesemir/hosts.yml', {}) } }

  expect(await check(stringify(worker))).toEqual({ code: 0, stdout: `${settings} is valid\n`, stderr: '' })
  const keys = { publicKeys: ['/nowhere/orders.pub'], recordKeys: ['/nowhere/record.key'] }
  expect(await check(stringify({ ...worker, orders: keys }))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: \/nowhere\/orders.pub does .*; \/nowhere\/record.key does /),
  })
  expect(await check('clusters: eu')).toMatchObject({ code: 2, stderr: expect.stringContaining('clusters: "eu"') })
})

test('vesemir-server says how it is used', async () => {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }

  expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n` })
  expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('vesemir-server api|worker') })
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('name what to run') })
  expect(await run('serve')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown command "serve"') })
  expect(await run('worker', '--confg')).toMatchObject({ code: 2, stderr: expect.stringContaining('--confg') })
})

test('names every library with the version that the workspace has', async () => {
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['bullmq', 'fastify', 'zod']))
  // The workspace patches it: what npm has of it would not do.
  expect(Object.keys(dependencies)).not.toContain('ssh2')
  expect(Object.keys(dependencies).filter((name) => name.startsWith('@vesemir/'))).toEqual([])
  expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

test('has the JSON Schema of every file that people write', async () => {
  const names = (await readdir(join(folder, 'schemas'))).toSorted()
  const application = JSON.parse(await readFile(join(folder, 'schemas/application.json'), 'utf8')) as object

  expect(names).toEqual(['api.json', 'application.json', 'cli.json', 'worker.json'])
  expect(application).toMatchObject({ $schema: expect.stringContaining('draft-07'), required: ['name'] })
})

test('has the web page and the documentation', () => {
  expect(['page', 'help'].filter((name) => !existsSync(join(folder, name, 'index.html')))).toEqual([])
})

test('has every Lua and shell program of the workspace in it', async () => {
  const programs = globSync('packages/*/src/**/*.{lua,sh}', { cwd: root }).map((path) => join(root, path))
  const packed = globSync('programs/*.{lua,sh}', { cwd: folder }).map((path) => join(folder, path))

  expect(await textsOf(packed)).toEqual(await textsOf(programs))
})

test('deploys to a host that lets in by certificate alone', async () => {
  await using redis = await startRedis()
  await using sshd = await startSshd({
    prepare(own) {
      writeKeyPair(join(own, 'authority'))
      return [`TrustedUserCAKeys ${own}/authority.pub`, 'AuthorizedKeysFile none']
    },
  })
  const { login, target } = sshd
  certify(login.privateKey, { authority: join(sshd.folder, 'authority'), principals: [login.user] })
  const inventory = join(folder, 'hosts.yml')
  const host = {
    ansible_host: target.address,
    environment: 'production',
    application: 'payments',
    team: 'core',
    host_keys: target.hostKeys[0],
  }
  await writeFile(inventory, stringify({ all: { hosts: { 'web-1': host } } }))
  await using api = await start('api', {
    settings: { port: 0, clusters: ['eu'], orders: 'unsigned', redis: redis.url },
    env: { VESEMIR_TOKENS: `ada:admin:${token}` },
    isReady: /http:\/\/127[^"\s]+/,
  })
  await using _worker = await start('worker', {
    settings: {
      orders: 'unsigned',
      redis: redis.url,
      clusters: { eu: clusterOf(inventory, { ...login, certificate: `${login.privateKey}-cert.pub` }) },
    },
    isReady: /worker ready/,
  })
  const client = createClient({ url: api.found, token })
  await client.putApplication({
    name: 'payments',
    team: 'core',
    cluster: 'eu',
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: [`touch ${sshd.folder}/deployed-$VESEMIR_VERSION`] },
    service: { restart: 'true' },
    healthCheck: { kind: 'tcp', port: login.port },
    environments: { production: {} },
    acceptLowCapacity: true,
  })

  const { id } = await client.createDeployment({ application: 'payments', environment: 'production', version: '1.0.0' })
  for await (const _ of client.followEvents(id)) continue

  expect((await client.getDeployment(id)).deployment.state).toMatchObject({ status: 'succeeded' })
  expect(existsSync(join(sshd.folder, 'deployed-1.0.0'))).toBe(true)
})

async function textsOf(paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return texts.toSorted()
}

/** Runs the package's command to its end. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const outcome = await promisify(execFile)(process.execPath, [command(), ...args], { env: {} }).catch(
    (error: unknown) => error,
  )
  const { code = 0, stdout, stderr } = outcome as { code?: number; stdout: string; stderr: string }
  return { code, stdout, stderr }
}

function command(): string {
  return join(folder, 'vesemir-server.mjs')
}

interface Started {
  settings: object
  env?: Record<string, string>
  /** What it prints when it is ready. */
  isReady: RegExp
}

/** Starts one of the package's processes, and waits until it is ready. */
async function start(program: string, { settings, env = {}, isReady }: Started) {
  const config = join(folder, `${program}.yml`)
  await writeFile(config, stringify(settings))
  const args = [command(), program, '--config', config]
  const started = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(started, 'close')
  let found: string | undefined
  for await (const line of createInterface(started.stdout)) if ((found = isReady.exec(line)?.[0])) break
  if (found === undefined) throw new Error(`${program} ended before it was ready`)
  started.stdout.resume()
  return {
    found,
    async [Symbol.asyncDispose]() {
      started.kill('SIGTERM')
      await ended
    },
  }
}

function clusterOf(inventory: string, login: object): object {
  return {
    inventory: { kind: 'file', path: inventory },
    remoteShell: { kind: 'ssh', user: 'deploy', privateKey: '/etc/vesemir/id_ed25519', ...login },
  }
}

/** Puts a dependency where npm would, from whoever has it in the workspace. */
async function install(name: string): Promise<void> {
  const owned = globSync('{packages,apps}/*/node_modules', { cwd: root }).map((each) => join(root, each, name))
  const library = owned.find((path) => existsSync(path))
  if (!library) throw new Error(`${name} is not installed`)
  const there = join(folder, 'node_modules', name)
  await mkdir(dirname(there), { recursive: true })
  await symlink(library, there)
}
