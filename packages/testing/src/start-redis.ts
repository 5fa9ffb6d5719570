import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

/** Starts redis-server in a folder of its own, with environment variables besides the usual ones, and waits until it answers. */
export async function startRedis({ env = {} }: { env?: Readonly<Record<string, string>> } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-redis-'))
  const port = await freePort()
  const place = { address: '127.0.0.1', port, folder, isKept: false }
  const server = spawn('redis-server', redisArguments(place), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const ended = once(server, 'close')
  for await (const line of createInterface(server.stdout)) if (line.includes('Ready to accept connections')) break
  if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`)
  server.stdout.resume()

  const connections: Redis[] = []
  return {
    url: `redis://127.0.0.1:${port}`,
    connect(options = {}) {
      const redis = new Redis({ port, host: '127.0.0.1', ...options })
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
