import type { BalancerFinding } from '@vesemir/contract'
import { randomUUID } from 'node:crypto'
import {
  findLeftServers,
  findMarked,
  noteMarked,
  putBackServers,
  type HostPorts,
  type RolloutPorts,
} from '@vesemir/core'
import type { Questions } from '@vesemir/store/queue'

type RecoveryPorts = Pick<RolloutPorts, 'inventory'> &
  Pick<HostPorts, 'remoteShell' | 'loadBalancer' | 'marks' | 'epoch' | 'journal' | 'owners' | 'deployments' | 'clock'>

/**
 * Answers which servers of a place deployments took out that Redis has forgotten, by the marks of their hosts. To fix is to write them
 * into the journal and to put back those that HAProxy finds healthy, as `lb doctor` does.
 */
export async function answerRecovery(
  { spec, fix }: Questions['recovery']['asked'],
  ports: RecoveryPorts,
  signal: AbortSignal,
): Promise<Questions['recovery']['answer']> {
  if (spec.loadBalancer.kind === 'none') return { servers: [], unasked: [] }
  const { hosts } = await ports.inventory.findHosts(spec, signal)
  const { hosts: boxes } = await ports.inventory.findBoxes(spec.loadBalancer.boxes, spec, signal)
  const { left, unasked } = await findMarked({ spec, hosts, boxes }, ports, signal)
  const doctor = `recover ${randomUUID()}`
  const servers: BalancerFinding[] = []
  for (const each of left) {
    await ports.epoch.learn(each.mark.deploymentId)
    servers.push(
      ...(fix
        ? await putBackServers(await noteMarked(each, ports), ports, { doctor, signal })
        : await findLeftServers(each.servers, ports, signal)),
    )
  }
  return { servers, unasked }
}
