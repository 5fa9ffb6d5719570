import { Agent, request as send, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '@vesemir/process/free-port'
import { cpuMs } from '../system/process-usage.ts'
import { startPart, type Part } from '../system/start-part.ts'
import type { BenchSystem } from '../system/start-system.ts'
import { median } from '../system/statistics.ts'
import { definition, request } from './definition.ts'

export interface RequestFigures {
  /** Requests in a second, medians. */
  bare: number
  vesemir: number
  /** Of each pair of runs, the median. */
  ratio: number
  /** The same of the processor time that a request takes of its server. */
  cpuRatio: number
}

interface Target {
  url: string
  token: string
  server: Part
}

interface Rate {
  perSecond: number
  cpuMsEach: number
}

const pairs = 5
/** V8 goes on compiling for some thousand requests: the first 4,000 take a server that does more twice as long each. */
const warmUps = 3
const requests = 2000
const atOnce = 32

/** Posts deployments, and jobs to a bare route on the same Redis, in turn. No worker runs. */
export async function measureRequests(system: BenchSystem): Promise<RequestFigures> {
  const { url, token, api } = system
  await system.client.putApplication(definition({ strategy: 'command', commands: ['true'] }))
  const port = await freePort()
  await using bare = await startPart({
    name: 'bare route',
    command: process.execPath,
    args: [join(import.meta.dirname, 'bare-route.ts'), String(port), `redis://127.0.0.1:${system.redis.options.port}`],
    outputFile: join(system.dir, 'bare-route.log'),
    isReady: (output) => output.includes('listening'),
  })
  const targets: Record<'bare' | 'vesemir', Target> = {
    bare: { url: `http://127.0.0.1:${port}/deployments`, token, server: bare },
    vesemir: { url: `${url}/v1/deployments`, token, server: api },
  }
  const rates: Record<keyof typeof targets, Rate[]> = { bare: [], vesemir: [] }
  for (let warmUp = 1; warmUp <= warmUps; warmUp += 1)
    for (const name of ['bare', 'vesemir'] as const) await post(targets[name])
  for (let pair = 1; pair <= pairs; pair += 1)
    for (const name of ['bare', 'vesemir'] as const) rates[name].push(await post(targets[name]))
  return {
    bare: median(rates.bare.map(({ perSecond }) => perSecond)),
    vesemir: median(rates.vesemir.map(({ perSecond }) => perSecond)),
    ratio: median(rates.bare.map(({ perSecond }, pair) => rates.vesemir[pair]!.perSecond / perSecond)),
    cpuRatio: median(rates.bare.map(({ cpuMsEach }, pair) => cpuMsEach / rates.vesemir[pair]!.cpuMsEach)),
  }
}

/** Sends so many requests, a number of them at once, and tells how fast they were answered. */
async function post({ url, token, server }: Target): Promise<Rate> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const body = JSON.stringify({ ...request, version: '1.0.0' })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  let left = requests
  const cpuBefore = await cpuMs(server.pid)
  const startedMs = performance.now()
  const sendAll = async () => {
    for (; left > 0;) {
      left -= 1
      const sent = send(url, { method: 'POST', agent, headers })
      sent.end(body)
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      answer.resume()
      await once(answer, 'end')
      if (answer.statusCode !== 202) throw new Error(`${url} answered ${answer.statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendAll))
  const tookMs = performance.now() - startedMs
  agent.destroy()
  return { perSecond: requests / (tookMs / 1000), cpuMsEach: ((await cpuMs(server.pid)) - cpuBefore) / requests }
}
