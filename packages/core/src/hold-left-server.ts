import type { ServerState } from '@vesemir/contract'
import { hasMoved } from './endpoints.ts'
import { hasWeight, isHeldOut, isSameServer } from './servers.ts'
import type { LoadBalancerSession } from './ports/load-balancer.ts'
import type { LeftServer, TrafficJournal } from './ports/traffic-journal.ts'

interface HoldingPorts {
  balancer: LoadBalancerSession
  journal: TrafficJournal
  /** Whether somebody who is no walk owns the server: `lb doctor --fix`. A walk takes the server out of the journal's list first. */
  isBeingPutBack: () => Promise<boolean>
}

/** What a look at a left server came to. */
export type LeftServerEnd = 'held' | 'held-again' | 'taken-back' | 'moved' | 'gone'

/**
 * Keeps a server out of rotation that a walk has left so: what its host runs is not proven, and a reload of its box forgets
 * the drain. Only a box that was reloaded since is put right: a server that is back in the very process in which it was held
 * was put back by a person, and is theirs from then on. One that stands for another machine now is nobody's to hold. A server that nobody has looked at yet is held.
 * @throws as `LoadBalancerSession`
 */
export async function holdLeftServer(
  left: LeftServer,
  { balancer, journal, isBeingPutBack }: HoldingPorts,
  signal: AbortSignal,
): Promise<LeftServerEnd> {
  const { server, heldIn } = left
  const process = await balancer.readProcess(server.box, signal)
  const [seen] = await balancer.read([server], signal)
  // In between there may have been a reload: the next look is not far.
  if (!seen || (await balancer.readProcess(server.box, signal)) !== process) return 'held'
  if (hasMoved(server, seen)) {
    await journal.release([server])
    return 'moved'
  }
  // After a reload its agent is asked again, and may answer "ready".
  const isAskedAgain = seen.agentChecked === true && heldIn !== process
  if (isHeldOut(seen) && !isAskedAgain) {
    if (heldIn !== process) await journal.noteHeld(left, { process, again: false })
    return 'held'
  }
  if ((await isBeingPutBack()) || !(await isStillLeft(left, journal))) return 'gone'
  if (heldIn === process) {
    await leaveToPerson(seen, journal)
    return 'taken-back'
  }
  await balancer.hold([server], signal)
  await journal.noteHeld(left, { process, again: true })
  return 'held-again'
}

/** A server that is back is held no more; the journal keeps what it was, unless it is so again. */
async function leaveToPerson(seen: ServerState, journal: TrafficJournal): Promise<void> {
  const [entry] = await journal.find([seen])
  await (entry && !hasWeight(seen, entry.server.weight) ? journal.release([seen]) : journal.clear([seen]))
}

/** Looked at right before the server or the journal is changed: a walk that takes the host up again says so first. */
async function isStillLeft({ server, deploymentId }: LeftServer, journal: TrafficJournal): Promise<boolean> {
  const now = await journal.listLeft()
  return now.some((other) => isSameServer(other.server, server) && other.deploymentId === deploymentId)
}
