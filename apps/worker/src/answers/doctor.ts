import type { Questions } from '@vesemir/store/queue'
import type { DeploymentSpec, DoctorCheck, HostTarget } from '@vesemir/contract'
import {
  describeRedisMemory,
  findOutOfService,
  isEnded,
  locateServers,
  toFailure,
  type Clock,
  type Deployments,
  type HostPorts,
  type JournalEntry,
  type RolloutPorts,
  type TrafficJournal,
} from '@vesemir/core'
import { judgeRedis, readRedisFacts, type RedisClient } from '@vesemir/store/redis'
import { checkRecords } from './check-records.ts'
import { inTurns } from './in-turns.ts'
import { tryHost } from './try-host.ts'

interface DoctorDeps {
  redis: RedisClient
  prefix: string
  memoryLimitBytes?: number | undefined
  deployments: Deployments
  journal: Pick<TrafficJournal, 'list'>
  ports: Pick<HostPorts, 'remoteShell' | 'loadBalancer' | 'changesets' | 'serviceManagers'> &
    Pick<RolloutPorts, 'inventory'>
  clock: Clock
}

/** Tries all that deployments need: Redis, the record, and for each of the specs the inventory, its hosts by SSH, and its boxes. */
export async function answerDoctor(
  { specs }: Questions['doctor']['asked'],
  deps: DoctorDeps,
  signal: AbortSignal,
): Promise<Questions['doctor']['answer']> {
  const checks = [await checkRedis(deps)]
  const applications = new Set(specs.map(({ application }) => application))
  for (const application of applications) checks.push(await checkRecords(application, deps))
  for (const spec of specs) checks.push(...(await checkSpec(spec, deps, signal)))
  return { checks }
}

async function checkRedis({
  redis,
  ...looked
}: Pick<DoctorDeps, 'redis' | 'prefix' | 'memoryLimitBytes'>): Promise<DoctorCheck> {
  return attempt({ name: 'redis', target: 'redis' }, async () => {
    const facts = await readRedisFacts(redis, looked)
    const problems = judgeRedis(facts).map(({ problem }) => problem)
    if (problems.length > 0) throw new Error(problems.join('; '))
    const { appendFsync, memory } = facts
    const filled = memory ? `; ${describeRedisMemory(memory)}` : ''
    if (appendFsync === undefined)
      return `Redis does not let this user run CONFIG GET: persistence is not checked${filled}`
    const lasting = `noeviction, appendonly, appendfsync ${appendFsync}${filled}`
    return appendFsync === 'always' ? lasting : `${lasting}: a power loss loses about a second (docs/reliability.md)`
  })
}

async function checkSpec(spec: DeploymentSpec, deps: DoctorDeps, signal: AbortSignal): Promise<DoctorCheck[]> {
  const { inventory } = deps.ports
  const place = `${spec.application} in ${spec.environment}`
  const hosts: HostTarget[] = []
  const boxes: HostTarget[] = []
  const search = await attempt({ name: 'inventory', target: place }, async () => {
    const found = await inventory.findHosts(spec, signal)
    hosts.push(...found.hosts)
    if (spec.loadBalancer.kind !== 'none')
      boxes.push(...(await inventory.findBoxes(spec.loadBalancer.boxes, spec, signal)).hosts)
    if (hosts.length === 0) throw new Error('no hosts found')
    return [`found ${hosts.length} hosts and ${boxes.length} boxes`, ...found.warnings].join('; ')
  })
  const { clock, ports } = deps
  const reached = await inTurns(hosts, (host) =>
    attempt({ name: 'ssh', target: host.name }, () => tryHost(host, { spec, clock, ...ports }, signal)),
  )
  const balanced = boxes.length > 0 ? [await checkBalancer(spec, { hosts, boxes, place }, deps, signal)] : []
  return [search, ...reached, ...balanced]
}

function checkBalancer(
  spec: DeploymentSpec,
  { hosts, boxes, place }: { hosts: HostTarget[]; boxes: HostTarget[]; place: string },
  { ports, ...deps }: DoctorDeps,
  signal: AbortSignal,
): Promise<DoctorCheck> {
  return attempt({ name: 'haproxy', target: `${boxes.map(({ name }) => name).join(', ')} (${place})` }, async () => {
    await using balancer = await ports.loadBalancer.open(boxes, spec.loadBalancer, signal)
    const settings = spec.loadBalancer
    const { servers, warnings } = await locateServers(hosts, { boxes, settings, balancer }, signal)
    const states = await balancer.read(servers.flat(), signal)
    const out = findOutOfService(states, await readJournal(deps))
    const advice = [...warnings, ...(await balancer.advise(signal))]
    const found = out?.detail ?? `${states.length} servers, none left out of service`
    return { detail: [found, ...advice].join('; '), hint: out?.hint }
  })
}

async function readJournal({ journal, deployments }: Pick<DoctorDeps, 'journal' | 'deployments'>) {
  const entries: JournalEntry[] = await journal.list()
  const ids = [...new Set(entries.map(({ deploymentId }) => deploymentId))]
  const found = await Promise.all(ids.map((id) => deployments.read(id)))
  const inProgress = found.flatMap((deployment) => (deployment && !isEnded(deployment) ? [deployment.id] : []))
  return { entries, inProgress: new Set(inProgress) }
}

/** Makes a check of what a look finds: it is well unless the look fails, or says what to do. */
async function attempt(
  { name, target }: Pick<DoctorCheck, 'name' | 'target'>,
  look: () => Promise<string | { detail: string; hint: string | undefined }>,
): Promise<DoctorCheck> {
  try {
    const found = await look()
    if (typeof found === 'string') return { name, target, ok: true, detail: found }
    const { detail, hint } = found
    return hint === undefined ? { name, target, ok: true, detail } : { name, target, ok: false, detail, hint }
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') return { name, target, ok: false, detail: error.message }
    const { message, hint } = toFailure(error)
    return { name, target, ok: false, detail: message, hint }
  }
}
