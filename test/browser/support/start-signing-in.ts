import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { freePort } from '@vesemir/process/free-port'
import { startIdentityProvider, type IdentityProvider } from '@vesemir/testing/start-identity-provider'
import { startRedis } from '@vesemir/testing/start-redis'
import { stringify } from 'yaml'

/** An API that people sign in to with an identity provider; it has no worker. */
export interface SigningIn extends AsyncDisposable {
  url: string
  token: string
  provider: IdentityProvider
  /** A folder for the settings of somebody's command line. */
  home: string
}

const main = join(import.meta.dirname, '../../../apps/api/src/main.ts')

/** Starts Redis, the provider and the API's own process. `ada` is in group sre, which may deploy; `bob` has no grant. */
export async function startSigningIn(): Promise<SigningIn> {
  await using closing = new AsyncDisposableStack()
  const home = await mkdtemp(join(tmpdir(), 'vesemir-sign-in-'))
  closing.defer(() => rm(home, { recursive: true }))
  const redis = closing.use(await startRedis())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const provider = closing.use(await startIdentityProvider({ url, people: { ada: ['sre'], bob: [] } }))
  const { issuer, clientId, clientSecret } = provider
  const token = randomBytes(24).toString('base64url')
  const settings = {
    port,
    url,
    redis: redis.url,
    clusters: ['eu'],
    orders: 'unsigned',
    cookieSecret: randomBytes(32).toString('hex'),
    signIn: { corp: { issuer, clientId, clientSecret, label: 'Corp' } },
    grants: [{ who: 'group:sre', role: 'deployer' }],
  }
  const file = join(home, 'api.yml')
  await writeFile(file, stringify(settings))
  const env = { PATH: process.env.PATH, VESEMIR_API_CONFIG: file, VESEMIR_TOKENS: `chief:admin:${token}` }
  const api = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(api, 'close')
  closing.defer(async () => {
    api.kill('SIGKILL')
    await closed
  })
  const ended = closed.then(([code]) => Promise.reject(new Error(`the API ended with ${code} before it listened`)))
  await Promise.race([untilListening(api.stdout), ended])
  api.stdout.resume()
  const owned = closing.move()
  return { url, token, provider, home, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function untilListening(log: Readable): Promise<void> {
  for await (const line of createInterface(log)) if (line.includes('Server listening')) return
}
