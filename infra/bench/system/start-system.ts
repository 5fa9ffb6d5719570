import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@vesemir/contract'
import { Redis } from 'ioredis'
import { stringify } from 'yaml'
import { findProgram } from '../../fleet/programs.ts'
import { freePort } from '@vesemir/process/free-port'
import { makeKeys } from '@vesemir/process/keys'
import { redisArguments } from '@vesemir/testing/redis-arguments'
import { startPart, type Part } from './start-part.ts'

/** Vesemir as it runs in production, on loopback: Redis, the API, and workers as they are started. */
export interface BenchSystem extends AsyncDisposable {
  dir: string
  url: string
  token: string
  client: Client
  redis: Redis
  readonly redisPid: number
  /** Ends Redis by TERM and starts it again, with what it held. */
  restartRedis(): Promise<void>
  api: Part
  /** Starts a worker whose cluster `bench` has these settings, and waits until it takes jobs. */
  startWorker(options: WorkerOptions): Promise<Part>
}

export interface WorkerOptions {
  name: string
  maxConcurrentHosts?: number
  /** The settings of the cluster. */
  cluster: object
  /** Settings of the worker besides. */
  settings?: object
  nodeArgs?: string[]
}

export const cluster = 'bench'

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const root = join(import.meta.dirname, '../../..')

/** Starts Redis and the API, with these arguments of Node's, in a folder of their own. */
export async function startBenchSystem({ nodeArgs = [] }: { nodeArgs?: string[] } = {}): Promise<BenchSystem> {
  await using closing = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'vesemir-bench-'))
  closing.defer(() => rm(dir, { recursive: true, force: true }))
  const keys = await makeKeys(join(dir, 'keys'))
  const redisPort = await freePort()
  const redisUrl = `redis://127.0.0.1:${redisPort}`
  let redisPart = await startRedis(dir, redisPort)
  closing.defer(() => redisPart[Symbol.asyncDispose]())
  // It connects again, as often as Redis is restarted.
  const redis = new Redis(redisUrl).on('error', () => {})
  closing.defer(() => redis.disconnect())
  const token = randomBytes(24).toString('base64url')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const api = closing.use(
    await startVesemir(dir, {
      name: 'api',
      app: 'api',
      settings: {
        host: '127.0.0.1',
        port,
        redis: redisUrl,
        orders: keys.api,
        clusters: [cluster],
        cookieSecret: randomBytes(32).toString('base64url'),
        tokens: tokensOf(token),
      },
      variable: 'VESEMIR_API_CONFIG',
      isReady: () => answers(`${url}/readyz`),
      nodeArgs,
    }),
  )
  const open = closing.move()
  return {
    dir,
    url,
    token,
    client: createClient({ url, token }),
    redis,
    get redisPid() {
      return redisPart.pid
    },
    async restartRedis() {
      await redisPart[Symbol.asyncDispose]()
      redisPart = await startRedis(dir, redisPort)
    },
    api,
    startWorker: ({ name, maxConcurrentHosts = 50, cluster: ofCluster, settings, nodeArgs = [] }) =>
      startVesemir(dir, {
        name,
        app: 'worker',
        settings: {
          name,
          redis: redisUrl,
          orders: keys.worker,
          maxConcurrentHosts,
          clusters: { [cluster]: ofCluster },
          ...settings,
        },
        variable: 'VESEMIR_WORKER_CONFIG',
        isReady: (output) => output.includes('"worker ready"'),
        nodeArgs,
      }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** The arguments by which Node writes a CPU profile to a folder when it ends. */
export function profileArgs(folder: string | undefined): string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=500']
}

async function startRedis(dir: string, port: number): Promise<Part> {
  const folder = join(dir, 'redis')
  await mkdir(folder, { recursive: true })
  return startPart({
    name: 'redis',
    command: findProgram('redis-server'),
    args: redisArguments({ address: '127.0.0.1', port, folder, isKept: true }),
    outputFile: join(dir, 'redis.log'),
    isReady: (output) => output.includes('Ready to accept connections'),
  })
}

interface VesemirProcess {
  name: string
  app: 'api' | 'worker'
  settings: object
  variable: string
  isReady: (output: string) => boolean | Promise<boolean>
  nodeArgs: string[]
}

async function startVesemir(dir: string, wanted: VesemirProcess): Promise<Part> {
  const { name, app, settings, variable, isReady, nodeArgs } = wanted
  const settingsFile = join(dir, `${name}.yml`)
  await writeFile(settingsFile, stringify(settings), { mode: 0o600 })
  return startPart({
    name,
    command: process.execPath,
    args: [...nodeArgs, join(root, 'apps', app, 'src/main.ts')],
    outputFile: join(dir, `${name}.log`),
    env: { PATH: process.env.PATH, HOME: dir, [variable]: settingsFile },
    isReady,
  })
}

function tokensOf(token: string): object {
  return { bench: { role: 'admin', sha256: createHash('sha256').update(token).digest('hex') } }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}
