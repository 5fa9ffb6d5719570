import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '@vesemir/process/free-port'
import { Redis } from 'ioredis'
import { makeCertificate } from './make-certificate.ts'

/** A primary and a replica of Redis, and three Sentinels that watch them: real ones, with passwords and TLS. */
export interface Sentinels extends AsyncDisposable {
  /** The settings by which API and workers reach it. */
  settings: { redis: object; redisTls: object }
  /** Waits until the Sentinels know each other and the replica, which has all. */
  ready(): Promise<void>
  /** The server that the Sentinels name as the primary. */
  primary(): Promise<RedisProcess>
  /** Has the replica follow no more, and returns what lets it follow again: until then, it lacks what is written. */
  cutOffReplica(): Promise<() => Promise<void>>
  /** Waits until the Sentinels name another primary than this one. */
  untilReplaced(former: RedisProcess): Promise<RedisProcess>
}

/** A redis-server that can be killed, suspended and started again. */
export interface RedisProcess {
  port: number
  connect(): Redis
  signal(signal: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

const masterName = 'vesemir'
const password = 'hunter2-of-redis'
const sentinelPassword = 'hunter2-of-sentinel'
/** How long a primary is silent until a Sentinel takes it for lost. */
const downAfterMs = 1000
const pollMs = 50

export async function startSentinels(): Promise<Sentinels> {
  await using closing = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-sentinels-'))
  closing.defer(() => rm(folder, { recursive: true, force: true }))
  const { caFile, keyFile, ca } = makeCertificate(folder)
  const tls = [
    `tls-cert-file ${caFile}`,
    `tls-key-file ${keyFile}`,
    `tls-ca-cert-file ${caFile}`,
    'tls-auth-clients no',
  ]
  const context = { folder, ca, closing, tls: ['port 0', 'tls-replication yes', ...tls] }
  const first = await startServer(context, [])
  const second = await startServer(context, [`replicaof 127.0.0.1 ${first.port}`])
  const watched = await Promise.all([0, 1, 2].map(() => startSentinel(context, first.port)))
  const passwordFile = join(folder, 'password')
  const sentinelPasswordFile = join(folder, 'sentinel-password')
  await Promise.all([
    writeFile(passwordFile, `${password}\n`),
    writeFile(sentinelPasswordFile, `${sentinelPassword}\n`),
  ])

  const servers = [first, second]
  const asked = watched[0]!.connect()
  const addressOfPrimary = async () => {
    const [, port] = (await asked.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName)) as [string, string]
    return servers.find((server) => server.port === Number(port))!
  }
  const open = closing.move()
  return {
    settings: {
      redis: {
        sentinels: watched.map(({ port }) => `127.0.0.1:${port}`),
        masterName,
        passwordFile,
        sentinelPasswordFile,
        sentinelTls: { ca: caFile },
      },
      redisTls: { ca: caFile },
    },
    async ready() {
      await until(async () => {
        const master = fieldsOf(await asked.call('SENTINEL', 'MASTER', masterName))
        return master['num-other-sentinels'] === '2' && master['num-slaves'] === '1' && master.flags === 'master'
      })
      const primary = await addressOfPrimary()
      await until(async () => /slave0:.*state=online/.test(await primary.connect().info('replication')))
    },
    primary: addressOfPrimary,
    async cutOffReplica() {
      const primary = await addressOfPrimary()
      const replica = servers.find((server) => server !== primary)!
      await replica.connect().config('SET', 'masterauth', 'wrong')
      await primary.connect().call('CLIENT', 'KILL', 'TYPE', 'REPLICA')
      return async () => {
        await replica.connect().config('SET', 'masterauth', password)
      }
    },
    async untilReplaced(former) {
      await until(async () => (await addressOfPrimary()) !== former)
      const next = await addressOfPrimary()
      await until(async () => (await next.connect().info('replication')).includes('role:master'))
      return next
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

interface Context {
  folder: string
  ca: string
  tls: readonly string[]
  closing: AsyncDisposableStack
}

function startServer(context: Context, lines: readonly string[]): Promise<RedisProcess> {
  const settings = [
    ...lines,
    'appendonly yes',
    'maxmemory-policy noeviction',
    'repl-diskless-sync-delay 0',
    `masterauth ${password}`,
  ]
  return startProcess(context, { args: [], password, settings })
}

function startSentinel(context: Context, primaryPort: number): Promise<RedisProcess> {
  const settings = [
    `sentinel monitor ${masterName} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
    `sentinel failover-timeout ${masterName} 3000`,
    `sentinel auth-pass ${masterName} ${password}`,
    `sentinel sentinel-pass ${sentinelPassword}`,
  ]
  return startProcess(context, { args: ['--sentinel'], password: sentinelPassword, settings })
}

async function startProcess(
  { folder, ca, tls, closing }: Context,
  wanted: { args: readonly string[]; password: string; settings: readonly string[] },
): Promise<RedisProcess> {
  const port = await freePort()
  const own = await mkdtemp(join(folder, `${port}-`))
  const file = join(own, 'redis.conf')
  const common = [`bind 127.0.0.1`, `tls-port ${port}`, `dir ${own}`, `requirepass ${wanted.password}`, ...tls]
  await writeFile(file, [...common, ...wanted.settings, ''].join('\n'))
  let child: ChildProcess
  const start = async () => {
    child = spawn('redis-server', [file, ...wanted.args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const isReady = (line: string) => line.includes('Ready to accept connections') || line.includes('+monitor')
    for await (const line of createInterface(child.stdout!)) if (isReady(line)) break
    if (child.exitCode !== null) throw new Error(`redis-server ended: ${await readFile(file, 'utf8')}`)
    child.stdout!.resume()
  }
  const signal = async (name: NodeJS.Signals) => {
    const ended = once(child, 'close')
    child.kill(name)
    if (name === 'SIGKILL' && child.exitCode === null) await ended
  }
  await start()
  let connection: Redis | undefined
  closing.defer(async () => {
    connection?.disconnect()
    if (child.exitCode === null && child.signalCode === null) await signal('SIGKILL')
  })
  return {
    port,
    connect: () =>
      (connection ??= new Redis({ host: '127.0.0.1', port, password: wanted.password, tls: { ca } }).on(
        'error',
        () => {},
      )),
    signal,
    start,
  }
}

function fieldsOf(reply: unknown): Record<string, string> {
  const fields = reply as string[]
  return Object.fromEntries(fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : [])))
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(30_000)
  while (!(await condition())) {
    signal.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
