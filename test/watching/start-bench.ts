import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeKeys } from '@vesemir/process/keys'
import { startRedis } from '@vesemir/testing/start-redis'
import { stringify } from 'yaml'

/** A Redis and one API process, as it runs in production. */
export interface Bench extends AsyncDisposable {
  redisUrl: string
  url: string
  token: string
  apiPid: number
}

const main = join(import.meta.dirname, '../../apps/api/src/main.ts')

/** Starts both. With `profileFolder` Node writes a CPU profile of the API there when it ends. */
export async function startBench({ profileFolder }: { profileFolder?: string | undefined } = {}): Promise<Bench> {
  await using closing = new AsyncDisposableStack()
  const redis = closing.use(await startRedis())
  const folder = await mkdtemp(join(tmpdir(), 'vesemir-watching-'))
  closing.defer(() => rm(folder, { recursive: true, force: true }))
  const token = randomBytes(24).toString('base64url')
  const settingsFile = join(folder, 'api.yml')
  const sha256 = createHash('sha256').update(token).digest('hex')
  const { api: orders } = await makeKeys(join(folder, 'keys'))
  const tokens = { load: { role: 'viewer', sha256 } }
  const settings = { port: 0, redis: redis.url, orders, clusters: ['eu'], tokens }
  await writeFile(settingsFile, stringify(settings), { mode: 0o600 })
  const flags = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const api = spawn(process.execPath, [...flags, main], {
    env: { PATH: process.env.PATH, VESEMIR_API_CONFIG: settingsFile },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(api, 'exit')
  closing.defer(async () => {
    api.kill('SIGTERM')
    await ended
  })
  const url = await findAddress(createInterface(api.stdout))
  api.stdout.resume()
  const open = closing.move()
  return {
    redisUrl: redis.url,
    url,
    token,
    apiPid: api.pid!,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

async function findAddress(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [address] = /http:\/\/127[^"\s]+/.exec(line) ?? []
    if (address) return address
  }
  throw new Error('the API ended before it listened')
}
