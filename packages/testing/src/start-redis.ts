import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { freePort } from '@vesemir/process/free-port'
import { redisArguments } from './redis-arguments.ts'

/** A real redis-server on a free loopback port, with nothing in it. */
export interface RedisServer extends AsyncDisposable {
  url: string
  /** Opens a connection; it ends with the server. */
  connect(options?: { maxRetriesPerRequest?: number | null }): Redis
  /** Has it answer nobody, with its connections open, until `resume`. */
  suspend(): void
  resume(): void
}

interface RedisOptions {
  /** Environment variables besides the usual ones. */
  env?: Readonly<Record<string, string>>
  /** Files in PEM: it then speaks TLS alone, with those who show a certificate of the authority. */
  tls?: { certificate: string; key: string; ca: string }
}

/** Starts redis-server in a folder of its own, and waits until it answers. */
export async function startRedis({ env = {}, tls }: RedisOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-redis-'))
  const port = await freePort()
  const place = { address: '127.0.0.1', port, folder, isKept: false }
  const server = spawn('redis-server', [...redisArguments(place), ...(tls ? tlsArguments(port, tls) : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const ended = once(server, 'close')
  for await (const line of createInterface(server.stdout)) if (line.includes('Ready to accept connections')) break
  if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`)
  server.stdout.resume()

  const connections: Redis[] = []
  return {
    url: `${tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    connect(options = {}) {
      const redis = new Redis({ port, host: '127.0.0.1', ...(tls ? { tls: filesOf(tls) } : {}), ...options })
      connections.push(redis)
      return redis
    },
    suspend: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      for (const redis of connections) redis.disconnect()
      server.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function tlsArguments(port: number, { certificate, key, ca }: NonNullable<RedisOptions['tls']>): string[] {
  const settings = {
    port: '0',
    'tls-port': String(port),
    'tls-cert-file': certificate,
    'tls-key-file': key,
    'tls-ca-cert-file': ca,
    'tls-auth-clients': 'yes',
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}

function filesOf({ certificate, key, ca }: NonNullable<RedisOptions['tls']>) {
  return { cert: readFileSync(certificate), key: readFileSync(key), ca: readFileSync(ca) }
}
