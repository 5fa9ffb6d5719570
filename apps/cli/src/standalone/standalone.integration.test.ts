import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createClient } from '@vesemir/contract'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { freePort } from '@vesemir/process/free-port'

let folder: string
let running: Standalone[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 've-standalone-'))
})
afterEach(async () => {
  for (const each of running) await each.end('SIGTERM')
  running = []
  await rm(folder, { recursive: true, force: true })
})

test('runs all of Vesemir, keeps its data over restarts, and leaves nothing running', async () => {
  const first = await start()
  const token = first.token!
  const client = createClient({ url: first.url, token })
  await client.putApplication({ name: 'payments', team: 'shop' })
  const processes = await first.processes()
  expect(processes).toHaveLength(3)

  expect(await client.getSession()).toEqual({ name: 'admin', role: 'admin', grants: [{ role: 'admin' }] })
  await expect(createClient({ url: first.url }).getSession()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect(await first.end('SIGINT')).toBe(0)
  expect(processes.filter(isAlive)).toEqual([])

  const second = await start()
  expect(second.token).toBeUndefined()
  const { applications } = await createClient({ url: second.url, token }).listApplications()
  expect(applications).toEqual([{ name: 'payments', team: 'shop' }])
})

test('when it is killed, takes all its processes along, and the next one has the data', async () => {
  const first = await start()
  const { token } = first
  await createClient({ url: first.url, token }).putApplication({ name: 'payments' })
  const processes = await first.processes()
  expect(processes).toHaveLength(3)

  await first.end('SIGKILL')
  await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), { timeout: 20_000 })

  const second = await start()
  const { applications } = await createClient({ url: second.url, token }).listApplications()
  expect(applications).toEqual([{ name: 'payments' }])
})

test('refuses a folder that another one has open: exit 5', async () => {
  await start()

  const { exit, stderr } = await refused()

  expect(stderr).toContain(`another Vesemir is already running with the data in ${folder} (STANDALONE_RUNS)`)
  expect(exit).toBe(5)
})

test('ends with all the others, and names the log, when one of its processes ends: exit 1', async () => {
  const vesemir = await start()
  const processes = await vesemir.processes()
  expect(processes).toHaveLength(3)
  const redis = Number(await readFile(join(folder, 'run/redis.pid'), 'utf8'))

  process.kill(redis, 'SIGKILL')

  expect(await vesemir.ended).toBe(1)
  expect(vesemir.stderr()).toContain(`redis was killed by SIGKILL. Its log: ${folder}/logs/redis.log`)
  expect(processes.filter(isAlive)).toEqual([])
})

test('says that the port is taken before anything is started: exit 2', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo

  const { exit, stderr } = await refused(port)
  other.close()

  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: EADDRINUSE. Use another port: --port`)
  expect(exit).toBe(2)
  expect(await readdir(join(folder, 'logs'))).toEqual([])
})

interface Standalone {
  url: string
  token?: string
  ended: Promise<number | null>
  stderr: () => string
  end: (signal: NodeJS.Signals) => Promise<number | null>
  /** The numbers of the processes that it has started. */
  processes: () => Promise<number[]>
}

async function start(): Promise<Standalone> {
  const { child, ended, stderr } = launch(await freePort())
  const lines = createInterface(child.stdout)
  const [first] = await Promise.race([
    once(lines, 'line'),
    ended.then((exit): never => {
      throw new Error(`it ended with ${exit}: ${stderr()}`)
    }),
  ])
  const { url, token } = JSON.parse(first as string) as { url: string; token?: string }
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  const processes = async () => {
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    return children.trim().split(' ').map(Number)
  }
  const vesemir = { url, ...(token === undefined ? {} : { token }), ended, stderr, end, processes }
  running.push(vesemir)
  return vesemir
}

async function refused(port?: number): Promise<{ exit: number | null; stderr: string }> {
  const { ended, stderr } = launch(port ?? (await freePort()), { json: false })
  return { exit: await ended, stderr: stderr() }
}

function launch(port: number, { json = true }: { json?: boolean } = {}) {
  const main = join(import.meta.dirname, '../main.ts')
  const args = [main, 'standalone', '--data', folder, '--port', String(port), ...(json ? ['--json'] : [])]
  const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH, HOME: folder } })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  const ended = once(child, 'close').then(([exit]) => exit as number | null)
  return { child, ended, stderr: () => stderr }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
