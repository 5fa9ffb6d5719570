import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ReleaseBehaviour, buildArtifact } from './build-artifact.ts'

let folder: string
let running: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vesemir-sample-app-'))
})

afterEach(async () => {
  await stop()
  rmSync(folder, { recursive: true, force: true })
})

test('the same request builds the same bytes, another version builds others', async () => {
  const first = await buildArtifact({ version: '1.0.0', folder: join(folder, 'a') })

  const again = await buildArtifact({ version: '1.0.0', folder: join(folder, 'b') })
  const other = await buildArtifact({ version: '2.0.0', folder: join(folder, 'b'), application: 'shop' })

  expect(again).toEqual({ ...first, path: join(folder, 'b/payments-1.0.0.tar.gz') })
  expect(other.path).toBe(join(folder, 'b/shop-2.0.0.tar.gz'))
  expect(other.sha256).not.toBe(first.sha256)
})

test('a release answers its version, its health and slow requests', async () => {
  const url = await startRelease('1.2.3', { slowMs: 60 })

  const root = await fetch(url)
  const health = await get(`${url}/healthz`)
  const startedMs = performance.now()
  const slow = await get(`${url}/slow`)

  expect(root.headers.get('x-version')).toBe('1.2.3')
  expect(await root.text()).toBe('1.2.3')
  expect(health).toEqual([200, 'ok 1.2.3'])
  expect(slow).toEqual([200, '1.2.3'])
  expect(performance.now() - startedMs).toBeGreaterThan(55)
})

test('a warming release answers 503 on everything until it is warm', async () => {
  const url = await startRelease('1.0.0', { warmupMs: 60_000 })

  const answers = await Promise.all(['/', '/healthz', '/slow'].map((path) => get(url + path)))

  expect(answers.map(([status]) => status)).toEqual([503, 503, 503])
})

test('an unhealthy release serves, but its health is 503', async () => {
  const url = await startRelease('1.0.0', { unhealthy: true })

  expect(await get(url)).toEqual([200, '1.0.0'])
  expect(await get(`${url}/healthz`)).toEqual([503, 'unhealthy 1.0.0'])
})

test('SIGTERM loses the request in flight, so that only draining saves it', async () => {
  const url = await startRelease('1.0.0', { slowMs: 10_000 })
  const inFlight = fetch(`${url}/slow`).then(
    () => 'answered',
    () => 'lost',
  )
  await get(url)

  await stop()

  expect(await inFlight).toBe('lost')
})

test('a release that crashes on start ends with an exit code', async () => {
  running = await spawnRelease('1.0.0', { crashOnStart: true })

  expect((await once(running, 'exit'))[0]).toBe(1)
})

async function startRelease(version: string, behaviour: ReleaseBehaviour): Promise<string> {
  running = await spawnRelease(version, behaviour)
  for await (const line of createInterface({ input: running.stdout! })) return `http://${line.split(' ').at(-1)}`
  throw new Error('the release ended without listening')
}

async function spawnRelease(version: string, behaviour: ReleaseBehaviour): Promise<ChildProcess> {
  const { path } = await buildArtifact({ version, folder, ...behaviour })
  const release = join(folder, 'release')
  mkdirSync(release)
  execFileSync('tar', ['-xzf', path, '-C', release])
  return spawn(join(release, 'start'), {
    env: { ...process.env, NODE: process.execPath, ADDRESS: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

async function stop(): Promise<void> {
  if (!running) return
  const ended = once(running, 'exit')
  if (running.exitCode === null && running.signalCode === null && running.kill('SIGTERM')) await ended
  running = undefined
}

async function get(url: string): Promise<[number, string]> {
  const response = await fetch(url)
  return [response.status, await response.text()]
}
