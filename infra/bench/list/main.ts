// `npm run bench:list [-- --deployments 100000]`: how long a page of the list takes with each filter and pair of filters, for those who
// see everything and for those who see one application. The last line of stdout is one JSON object.
import { parseArgs } from 'node:util'
import { DeploymentFilter, type Grant } from '@vesemir/contract'
import { createSystemClock } from '@vesemir/process/clock'
import { createRecords } from '@vesemir/store/record'
import { seedDeployments, type Seed } from '@vesemir/store/record/testing'
import { noSeals } from '@vesemir/store/seal'
import { startRedis } from '@vesemir/testing/start-redis'
import { printResult, printTable, say } from '../system/say.ts'
import { median, rounded } from '../system/statistics.ts'

const { values } = parseArgs({ options: { deployments: { type: 'string', default: '100000' } } })
const count = Number(values.deployments)
const [applications, repetitions] = [500, 5]
const prefix = 'vesemir'

await using server = await startRedis()
const redis = server.connect()
await using records = createRecords(redis, { clock: createSystemClock(), seals: noSeals, prefix })

say(`${count} deployments of ${applications} applications`)
await seedDeployments(redis, { prefix, count, seed })
const before = await usedBytes()
const repairMs = await time(async () => {
  while ((await records.deploymentIndex.repair()) > 0);
})
const listingBytes = (await usedBytes()) - before

/** Each value is that of few deployments somewhere: the old, the rare, and pairs that hardly meet. */
const filters: Record<string, Partial<DeploymentFilter>> = {
  none: {},
  application: { application: 'app-7' },
  environment: { environment: 'staging' },
  team: { team: 'team-3' },
  by: { by: 'person-9' },
  succeeded: { status: 'succeeded' },
  failed: { status: 'failed' },
  'rolled-back': { status: 'rolled-back' },
  running: { status: 'running' },
  'application, failed': { application: 'app-7', status: 'failed' },
  'application, environment': { application: 'app-7', environment: 'test' },
  'environment, failed': { environment: 'staging', status: 'failed' },
  'team, cancelled': { team: 'team-3', status: 'cancelled' },
  'by, failed': { by: 'person-9', status: 'failed' },
  'environment, rolled-back': { environment: 'test', status: 'rolled-back' },
  'nothing matches': { application: 'app-7', team: 'team-3' },
  'the oldest page': { before: 'd-60' },
  version: { version: '1.0.77' },
  'version of all': { version: '2.0.0' },
  host: { host: 'web-7' },
  since: { since: new Date(Date.UTC(2026, 0, 1) + 50_000 * 60_000).toISOString() },
  until: { until: new Date(Date.UTC(2026, 0, 1) + 500 * 60_000).toISOString() },
  'a rare word': { text: 'pay-777' },
  'two words': { text: 'hotfix staging' },
  'no such word': { text: 'nobody-wrote-this' },
}
const people: Record<string, Grant[] | undefined> = {
  everything: undefined,
  'one application': [{ role: 'viewer', applications: ['app-8'] }],
}
const rows: { filter: string; sees: string; ms: number; 'cpu ms': number }[] = []
for (const [sees, grants] of Object.entries(people))
  for (const [filter, given] of Object.entries(filters)) {
    const list = () => records.deploymentIndex.list(DeploymentFilter.parse(given), grants)
    const [durations, from] = [[] as number[], process.cpuUsage()]
    for (let round = 0; round < repetitions; round += 1) durations.push(await time(list))
    const { user, system } = process.cpuUsage(from)
    const cpuMs = (user + system) / 1000 / repetitions
    rows.push({ filter, sees, ms: rounded(median(durations)), 'cpu ms': rounded(cpuMs) })
  }
printTable(rows)
const slowest = Math.max(...rows.map(({ ms }) => ms))
printResult({
  deployments: count,
  slowestMs: slowest,
  repairMs: Math.round(repairMs),
  listingBytesPerDeployment: rounded(listingBytes / count),
})

/** Failures are old, and the environments meet the rarest state once in thousands. */
function seed(number: number): Seed {
  const application = number % applications
  return {
    application: `app-${application}`,
    environment: ['production', 'staging', 'test'][number % 3]!,
    team: `team-${application % 40}`,
    by: `person-${number % 211}`,
    status: statusOf(number),
    version: number % 2 === 0 ? '2.0.0' : `1.0.${number % 997}`,
    reason: number % 777 === 0 ? 'Hotfix PAY-777' : 'Hotfix',
    hosts: Array.from({ length: 5 }, (_, index) => `web-${(number * 7 + index) % 2000}`),
  }
}

function statusOf(number: number): Seed['status'] {
  if (number < count / 10 && number % 7 === 0) return 'failed'
  if (number % 9001 === 0) return 'rolled-back'
  return number % 400 === 0 ? 'cancelled' : 'succeeded'
}

async function time(task: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await task()
  return performance.now() - from
}

async function usedBytes(): Promise<number> {
  const info = await redis.info('memory')
  return Number(/^used_memory:(\d+)/m.exec(info)![1])
}
