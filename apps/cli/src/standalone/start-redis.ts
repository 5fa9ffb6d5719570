import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { VesemirError } from '@vesemir/core'
import { startChild, type Child } from './child.ts'
import type { DataFolder } from './data-folder.ts'
import { freePort } from '@vesemir/process/free-port'

export interface PrivateRedis extends Child {
  url: string
}

/**
 * Starts a redis-server on loopback, with a password, that has every write on disk before it answers: nothing is lost when
 * processes end, nor when the power does.
 */
export async function startRedis({ path, secrets }: DataFolder, env: NodeJS.ProcessEnv): Promise<PrivateRedis> {
  await untilEnded(join(path, 'run/redis.pid'))
  const port = await freePort()
  const settingsFile = join(path, 'run/redis.conf')
  await writeFile(settingsFile, settingsOf({ path, port, password: secrets.redisPassword }), { mode: 0o600 })
  const child = await startChild({
    name: 'redis',
    command: 'redis-server',
    args: [settingsFile],
    env,
    logs: join(path, 'logs'),
    stopWithinMs: 30_000,
  })
  try {
    await child.ready((log) => log.includes('Ready to accept connections'))
  } catch (error) {
    await child[Symbol.asyncDispose]()
    throw error
  }
  return { ...child, url: `redis://:${secrets.redisPassword}@127.0.0.1:${port}` }
}

function settingsOf({ path, port, password }: { path: string; port: number; password: string }): string {
  return `# Written at each start.
bind 127.0.0.1
port ${port}
requirepass ${password}
dir "${join(path, 'redis')}"
pidfile "${join(path, 'run/redis.pid')}"
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
`
}

const endWithinMs = 30_000
const pollMs = 50

/** A Redis that outlived its Vesemir still writes to the data: two at once would ruin them. */
async function untilEnded(pidFile: string): Promise<void> {
  const startedMs = performance.now()
  for (;;) {
    const pid = await runningRedis(pidFile)
    if (pid === undefined) return
    if (performance.now() - startedMs > endWithinMs)
      throw new VesemirError('STANDALONE_RUNS', `redis-server (process ${pid}) still has the data open. Stop it first`)
    await sleep(pollMs)
  }
}

async function runningRedis(pidFile: string): Promise<string | undefined> {
  try {
    const pid = (await readFile(pidFile, 'utf8')).trim()
    const name = await readFile(`/proc/${pid}/comm`, 'utf8')
    return name.startsWith('redis-server') ? pid : undefined
  } catch {
    return undefined
  }
}
