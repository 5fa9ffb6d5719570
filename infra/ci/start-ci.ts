import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { aPlan } from '@vesemir/contract/testing'
import { createSystemClock } from '@vesemir/process/clock'
import { freePort } from '@vesemir/process/free-port'
import { createAnswerer } from '@vesemir/store/queue'
import type { RedisServer } from '@vesemir/testing/start-redis'
import { startServer } from '@vesemir/testing/start-server'
import { expect } from 'vitest'
import { anApplication, seals, startApi } from '../../apps/api/src/testing/start-api.ts'
import { startIssuer } from '../../apps/api/src/testing/start-issuer.ts'

/** A request that a CI system got. */
export interface CiRequest {
  method: string
  path: string
  token: string | undefined
  body: unknown
}

const claims = { repository: 'example/payments', ref: 'refs/heads/main', environment: 'production' }
const grants = [{ role: 'deployer' as const, applications: ['payments'], environments: ['production'] }]
const perPage = 100

/**
 * Starts an API that trusts an issuer of ID tokens, with a worker that answers what is planned, and a CI system: it issues ID tokens as
 * GitHub Actions does, and keeps comments as the APIs of GitHub and GitLab do. `bin` is a folder for PATH with `vesemir` in it.
 */
export async function startCi(server: RedisServer, folder: string) {
  const port = await freePort()
  const audience = `http://127.0.0.1:${port}`
  const issuer = await startIssuer(audience)
  const rule = { issuer: issuer.url, audience, claims: { repository: ['example/payments'] }, grants, expiresIn: '30m' }
  const api = await startApi(server, { port, ci: { payments: rule } })
  await api.records.applications.put(anApplication())
  const planner = await startPlanner(server, api.prefix)
  const system = await startSystem(() => issuer.sign(claims))
  return {
    api,
    system,
    bin: await writeCommand(folder),
    /** What GitLab has put into a job's environment. */
    signIdToken: () => issuer.sign(claims),
    async [Symbol.asyncDispose]() {
      await system[Symbol.asyncDispose]()
      await planner[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
      await issuer[Symbol.asyncDispose]()
    },
  }
}

/** Plays the worker of the next deployment: plans it, and ends its hosts as told. Returns its id. */
export async function work(
  { records }: Awaited<ReturnType<typeof startApi>>,
  { isGood }: { isGood: boolean },
): Promise<string> {
  const id = await nextQueued(records)
  const deployment = await records.claims.claimDeployment(id, 'worker-1')
  await deployment.append({ type: 'deployment.planned', plan: aPlan(['web-1']) })
  const host = await records.claims.claimHost(id, 'web-1', 'worker-1')
  await host.append({ type: 'step.started', host: 'web-1', step: 'deploy' })
  void host.log('deploy', { stream: 'stdout', text: 'unpacked' })
  await host.flush()
  const failure = { code: 'HEALTH_CHECK_FAILED', message: 'web-1 was not healthy in 60s', log: ['out of memory'] }
  const bad = { outcome: 'failed', traffic: 'drained', failure } as const
  const good = { outcome: 'succeeded', traffic: 'restored' } as const
  await host.append({ type: 'host.ended', host: 'web-1', ...(isGood ? good : bad) })
  const why = { code: 'HOSTS_FAILED', message: 'hosts: 1 failed' }
  await deployment.end({
    type: 'deployment.ended',
    ...(isGood ? { outcome: 'succeeded' } : { outcome: 'failed', failure: why }),
  })
  return id
}

async function nextQueued({ deploymentIndex }: Awaited<ReturnType<typeof startApi>>['records']): Promise<string> {
  let id: string | undefined
  await expect
    .poll(async () => (id = (await deploymentIndex.listActive())[0]), { timeout: 50_000, interval: 100 })
    .toBeDefined()
  return id!
}

async function startPlanner(server: RedisServer, prefix: string) {
  const unasked = async () => {
    throw new Error('this is not asked here')
  }
  const answers = { hosts: unasked, doctor: unasked, balancers: unasked, recovery: unasked }
  const plan = async () => ({ plan: aPlan(['web-1', 'web-2']), servers: [], steps: [], needsYes: false })
  const worker = createAnswerer(server.connect({ maxRetriesPerRequest: null }), {
    cluster: 'eu',
    concurrency: 1,
    prefix,
    clock: createSystemClock(),
    seals,
    onError: () => {},
    answers: { plan, ...answers },
    onBug: (error) => {
      throw error
    },
  })
  await worker.ready()
  return worker
}

/** Someone else's comments fill the first page, one of them with our mark. */
async function startSystem(signIdToken: () => Promise<string>) {
  const requests: CiRequest[] = []
  const others = Array.from({ length: perPage }, (_, index) => ({
    id: index,
    body: index === 7 ? '<!-- vesemir plan payments production -->\nfaked' : 'fine',
    user: { type: 'User' },
    author: { id: 7 },
  }))
  const ours: { id: number; body: string; user: { type: string }; author: { id: number } }[] = []
  const answer = (method: string, path: string, body: { body?: string }): unknown => {
    if (path === '/user') return { id: 42 }
    if (method === 'GET') return path.includes('&page=1') ? others : ours
    const known = ours.find(({ id }) => path.endsWith(`/${id}`))
    if (known) return Object.assign(known, body)
    const comment = { id: 1000 + ours.length, body: body.body!, user: { type: 'Bot' }, author: { id: 42 } }
    ours.push(comment)
    return comment
  }
  const started = await startServer(
    createServer((request, response) => {
      const reply = async () => {
        const [method, path] = [request.method!, request.url!]
        const { authorization, 'private-token': privateToken } = request.headers
        const given = await text(request)
        const body = given === '' ? {} : (JSON.parse(given) as { body?: string })
        requests.push({ method, path, token: authorization ?? String(privateToken), body })
        const value = path.startsWith('/id-token') ? { value: await signIdToken() } : answer(method, path, body)
        response.writeHead(method === 'POST' ? 201 : 200).end(JSON.stringify(value))
      }
      void reply()
    }),
  )
  return {
    url: `http://127.0.0.1:${started.port}`,
    requests,
    ours,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  }
}

async function writeCommand(folder: string): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  const main = join(import.meta.dirname, '../../apps/cli/src/main.ts')
  await writeFile(join(bin, 'vesemir'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  await chmod(join(bin, 'vesemir'), 0o755)
  return bin
}
