import type { DeploymentEvent } from '@vesemir/contract'

/** Who has a host's servers in hand: nobody before its drain and after its end; while it is watched it gets traffic again. */
export type Phase = 'before' | 'out' | 'watched' | 'after'

/** A command takes a while to reach HAProxy, and the record to say so. */
const marginMs = 200

/** Tells a host's phase at a moment; undefined when that is so close to the next one that it could be either. */
export function phaseOfHost(
  events: readonly DeploymentEvent[],
  { host, atMs }: { host: string; atMs: number },
): Phase | undefined {
  const [least, most] = [atMs - marginMs, atMs + marginMs].map((ms) => phaseAt(events, { host, atMs: ms }))
  return least === most ? least : undefined
}

function phaseAt(events: readonly DeploymentEvent[], { host, atMs }: { host: string; atMs: number }): Phase {
  let phase: Phase = 'before'
  for (const event of events) {
    if (!('host' in event) || event.host !== host || Date.parse(event.at) > atMs) continue
    if (event.type === 'step.started' && event.step === 'drain') phase = 'out'
    if (event.type === 'step.started' && event.step === 'soak') phase = 'watched'
    // Its weight is about to be set to what it was.
    if (event.type === 'step.started' && event.step === 'restore') phase = 'out'
    if (event.type === 'host.ended') phase = phase === 'before' ? 'before' : 'after'
  }
  return phase
}
