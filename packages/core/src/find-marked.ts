import type { DeploymentSpec, HostTarget, Plan, ServerState } from '@vesemir/contract'
import { toFailure } from './errors.ts'
import { inParallel } from './in-parallel.ts'
import { isSettled, serversOf } from './leave-mark.ts'
import type { LeftServers } from './left-servers.ts'
import { locateServers } from './locate-servers.ts'
import type { Mark } from './ports/marks.ts'
import type { JournalEntry } from './ports/traffic-journal.ts'
import { describeServer, isHeldOut, isSameServer } from './servers.ts'
import type { HostPorts } from './walk.ts'

/** An application's environment, with its machines. */
export interface EnvironmentMachines {
  spec: DeploymentSpec
  hosts: readonly HostTarget[]
  boxes: readonly HostTarget[]
}

type MarkPorts = Pick<HostPorts, 'loadBalancer' | 'remoteShell' | 'marks' | 'journal' | 'deployments'>

/** What marks say of servers that the journal does not know, and hosts that could not be asked. */
export interface Marked {
  /** Each with what its host was left by. */
  left: { mark: Mark; servers: LeftServers }[]
  unasked: { host: string; message: string }[]
}

/**
 * Finds the servers of an environment that a deployment took out, or left at a reduced weight, and Redis has forgotten: by the marks of
 * their hosts. Asks only hosts with such servers, and changes nothing.
 */
export async function findMarked(
  machines: EnvironmentMachines,
  ports: MarkPorts,
  signal: AbortSignal,
): Promise<Marked> {
  const marked: Marked = { left: [], unasked: [] }
  for (const [target, unknown] of await findUnknown(machines, ports, signal))
    try {
      const mark = await readMark(target, { machines, ports, signal })
      const servers = mark ? serversOf(mark, unknown) : []
      if (mark && servers.length > 0) marked.left.push({ mark, servers: leftBy(mark, { machines, servers }) })
    } catch (error) {
      if (signal.aborted) throw error
      const message = `${unknown.map(describeServer).join(', ')}: ${toFailure(error).message}`
      marked.unasked.push({ host: target.name, message })
    }
  return marked
}

/** Writes what a mark says into the journal, and returns the servers as it has them. */
export async function noteMarked(
  { mark, servers }: Marked['left'][number],
  { journal }: Pick<HostPorts, 'journal'>,
): Promise<LeftServers> {
  await journal.note(servers.entries, { deploymentId: mark.deploymentId, host: mark.host })
  return { ...servers, entries: await journal.find(servers.entries.map(({ server }) => server)) }
}

/** The servers of each host that are not as configured, and of which the journal says nothing. */
async function findUnknown(
  { spec, hosts, boxes }: EnvironmentMachines,
  { loadBalancer, journal }: MarkPorts,
  signal: AbortSignal,
): Promise<[HostTarget, ServerState[]][]> {
  await using balancer = await loadBalancer.open(boxes, spec.loadBalancer, signal)
  const { servers } = await locateServers(hosts, { boxes, settings: spec.loadBalancer, balancer }, signal)
  const [states, entries] = await inParallel(
    () => balancer.read(servers.flat(), signal),
    () => journal.find(servers.flat()),
  )
  const isUnknown = (now: ServerState) =>
    (isHeldOut(now) || now.weight !== now.initialWeight) && !entries.some(({ server }) => isSameServer(server, now))
  return hosts.flatMap((host, index): [HostTarget, ServerState[]][] => {
    const own = states.filter((now) => servers[index]!.some((server) => isSameServer(server, now)) && isUnknown(now))
    return own.length > 0 ? [[host, own]] : []
  })
}

async function readMark(
  target: HostTarget,
  { machines: { spec }, ports, signal }: { machines: EnvironmentMachines; ports: MarkPorts; signal: AbortSignal },
): Promise<Mark | undefined> {
  await using session = await ports.remoteShell.connect(target, signal)
  const mark = await ports.marks(session, spec).mark.read(signal)
  return mark && !(await isSettled(mark, ports.deployments)) ? mark : undefined
}

function leftBy(
  { deploymentId, createdAt, host }: Mark,
  { machines: { spec, boxes }, servers }: { machines: EnvironmentMachines; servers: Mark['servers'] },
): LeftServers {
  const entries = servers.map((noted): JournalEntry => ({ ...noted, deploymentId, host, notedAt: createdAt }))
  const plan: Pick<Plan, 'boxes'> = { boxes: [...boxes] }
  return { deployment: { spec, plan }, hosts: [], entries }
}
