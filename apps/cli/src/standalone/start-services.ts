import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { VesemirError } from '@vesemir/core'
import { parse, stringify } from 'yaml'
import { startChild, type Child } from './child.ts'
import type { DataFolder } from './data-folder.ts'
import type { Server } from './find-server.ts'
import { startRedis } from './start-redis.ts'

interface ServiceOptions {
  folder: DataFolder
  server: Server
  host: string
  port: number
}

export interface Services extends AsyncDisposable {
  url: string
  /** Rejects when one of them ends by itself. */
  failure: Promise<never>
}

/** Starts Redis, then API and worker, and waits until all are ready. They end in the opposite order. */
export async function startServices(options: ServiceOptions): Promise<Services> {
  const { folder, server, host, port } = options
  await checkPort(host, port)
  const logs = join(folder.path, 'logs')
  const { VESEMIR_URL: _url, VESEMIR_TOKEN: _token, ...own } = process.env
  await using starting = new AsyncDisposableStack()
  const redis = starting.use(await startRedis(folder, own))

  const env = { ...own, VESEMIR_REDIS_URL: redis.url, ...(await writeSettings(options)) }
  const node = async (name: 'api' | 'worker'): Promise<Child> => {
    const args = [server[name]]
    return starting.use(await startChild({ name, command: process.execPath, args, env, logs, stopWithinMs: 15_000 }))
  }
  const [api, worker] = [await node('api'), await node('worker')]
  const url = urlOf(host, port)
  await Promise.all([api.ready(() => answers(`${url}/readyz`)), worker.ready((log) => log.includes('"worker ready"'))])
  const failure = Promise.race([redis.failure, api.failure, worker.failure])
  failure.catch(() => {})
  const started = starting.move()
  return { url, failure, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new VesemirError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${code}. Use another port: --port`, {
      cause,
    })
  }
  server.close()
  await once(server, 'close')
}

/** Writes the settings of this start, and gives the variables that name them. */
async function writeSettings({ folder, server, host, port }: ServiceOptions): Promise<Record<string, string>> {
  const { path, secrets } = folder
  const [worker, api] = [join(path, 'worker.yml'), join(path, 'run/api.yml')]
  const clusters = Object.keys((parse(await readFile(worker, 'utf8')) as { clusters?: object }).clusters ?? {})
  const tokens = { admin: { role: 'admin', sha256: secrets.tokenSha256 } }
  const page = server.page === undefined ? {} : { pageFolder: server.page }
  const settings = { host, port, clusters, tokens, cookieSecret: secrets.cookieSecret, ...page }
  await writeFile(api, stringify(settings), { mode: 0o600 })
  return { VESEMIR_API_CONFIG: api, VESEMIR_WORKER_CONFIG: worker, VESEMIR_KEYS: folder.keys }
}

/** How this machine reaches an address that is listened on. */
function urlOf(host: string, port: number): string {
  const address = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(1000) })
    return ok
  } catch {
    return false
  }
}
