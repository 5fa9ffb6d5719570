import { createClient } from '@vesemir/contract'
import { freePort } from '@vesemir/process/free-port'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from '../../infra/vesemir/start-api.ts'
import { startWorker } from '../../infra/vesemir/start-worker.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { hasHistory, installThisVersion, installVersionBefore } from './support/install-versions.ts'
import { measureCosts, type Costs } from './support/measure-costs.ts'

// Times are noise on a machine that does other things besides. What a deployment costs is counted, and the least of some rounds is taken:
// where a deployment takes longer, locks are renewed once more, and answers come in more parts, never in fewer.

const here = await hasHistory()

const versions = ['before', 'this'] as const
type Version = (typeof versions)[number]

/** After the first of these it is over where nothing costs too much. */
const rounds = { least: 3, most: 8 }
const hosts = 6
const requests = 400
const requestsAtOnce = 16
let releases = 0

/** Counts are the same in every round but for some in a hundred; time of the processor depends on what else it does. */
const limitsOfHost: Partial<Costs> = {
  processorMs: 1.3,
  // Each step has a line in the worker's log since: 27 of some 220 writes, and 11 of some 220 reads, by which the event loop hears that
  // such a write has ended.
  writes: 1.25,
  reads: 1.2,
}
const limitsOfRequest: Partial<Costs> = {
  processorMs: 1.3,
  // Deployments are found by their version and words since, five of some 34 commands, and which definition holds is read with it, twice.
  redisCommands: 1.3,
}
const usualLimit = 1.1

let folder: string
let system: System
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-costs-'))
  await Promise.all([installVersionBefore(join(folder, 'before')), installThisVersion(join(folder, 'this'))])
  system = await startSystem({ fleet: { hosts }, workers: [] })
  await system.stop('api')
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test.runIf(here)(
  'a host costs no more than a tenth above what it cost in the version before',
  { timeout: 400_000 },
  async () => expect(await findTooMuch({ measure: deploy, each: hosts, limits: limitsOfHost })).toEqual([]),
)

// Last: its deployments stay queued.
test.runIf(here)(
  'a request for a deployment costs no more than a tenth above what it cost in the version before',
  { timeout: 200_000 },
  async () => expect(await findTooMuch({ measure: request, each: requests, limits: limitsOfRequest })).toEqual([]),
)

/** Deploys with processes of one version alone, and returns what that cost. */
async function deploy(name: Version, release: string): Promise<Costs> {
  const { fleet, token } = system
  const { application, environment } = fleet
  const installed = join(folder, name)
  await system.release(release)
  const port = await freePort()
  await startApi(fleet, { port, tokens: { tester: token }, installed })
  const artifacts = join(fleet.dir, 'artifacts')
  const { pid } = await startWorker(fleet, { name: 'worker', artifacts, installed })
  const client = createClient({ url: `http://127.0.0.1:${port}`, token })
  const costs = await measureCosts({ redisUrl: fleet.redisUrl, pid }, async () => {
    const { id } = await client.createDeployment({ application, environment, version: release, concurrency: 2 })
    const types: string[] = []
    for await (const event of client.followEvents(id, { signal: AbortSignal.timeout(60_000) }))
      if ('type' in event) types.push(event.type)
    expect(types.at(-1)).toBe('deployment.ended')
    return types.length
  })
  await Promise.all([system.stop('api'), system.stop('worker')])
  return costs
}

/** Asks one API alone for deployments, several at once, and returns what that cost it. No worker runs. */
async function request(name: Version, release: string): Promise<Costs> {
  const { fleet, token } = system
  const { application, environment } = fleet
  const port = await freePort()
  const { pid } = await startApi(fleet, { port, tokens: { tester: token }, installed: join(folder, name) })
  const client = createClient({ url: `http://127.0.0.1:${port}`, token })
  const costs = await measureCosts({ redisUrl: fleet.redisUrl, pid }, async () => {
    let left = requests
    const askAll = async () => {
      while (left-- > 0) await client.createDeployment({ application, environment, version: release })
    }
    await Promise.all(Array.from({ length: requestsAtOnce }, askAll))
    // Each has its first event.
    return requests
  })
  await system.stop('api')
  return costs
}

interface Comparison {
  measure: (version: Version, release: string) => Promise<Costs>
  /** So many of what the costs are shown for. */
  each: number
  limits: Partial<Costs>
}

/** Measures both versions in turn, and returns what costs more than its limit allows. */
async function findTooMuch({ measure, each, limits }: Comparison): Promise<(keyof Costs)[]> {
  const least: Record<Version, Costs | undefined> = { before: undefined, this: undefined }
  let tooMuch: (keyof Costs)[] = []
  for (let round = 1; round <= rounds.least || (round <= rounds.most && tooMuch.length > 0); round += 1) {
    for (const version of versions) {
      const costs = await measure(version, `1.${(releases += 1)}.0`)
      least[version] = leastOf(least[version] ?? costs, costs)
    }
    const [before, now] = [least.before!, least.this!]
    const names = Object.keys(before) as (keyof Costs)[]
    tooMuch = names.filter((name) => now[name] / before[name] > (limits[name] ?? usualLimit))
    const row = (name: keyof Costs) => [before[name] / each, now[name] / each, now[name] / before[name]].map(shorten)
    console.table(names.map((name) => [name, ...row(name)]))
  }
  return tooMuch
}

function leastOf(one: Costs, other: Costs): Costs {
  const names = Object.keys(one) as (keyof Costs)[]
  return Object.fromEntries(names.map((name) => [name, Math.min(one[name], other[name])])) as unknown as Costs
}

function shorten(number: number): number {
  return Number(number.toPrecision(3))
}
