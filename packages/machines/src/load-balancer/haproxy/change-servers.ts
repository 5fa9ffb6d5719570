import type { ServerRef, ServerState } from '@vesemir/contract'
import type { LoadBalancerSession, ServerWeight } from '@vesemir/core'
import { pathOf } from './box-reader.ts'
import { keyOf } from './box-servers.ts'
import type { SessionBoxes } from './session-boxes.ts'

/** The changes of a session, each read back until it shows. */
type Changes = Pick<LoadBalancerSession, 'drain' | 'hold' | 'demandProof' | 'admit' | 'setWeights'>

/** Returns what changes the servers of some boxes. */
export function createChanges(boxes: SessionBoxes): Changes {
  return {
    drain: (servers, signal) => takeOut(boxes, servers, { state: 'drain', signal }),
    hold: (servers, signal) => takeOut(boxes, servers, { state: 'maint', signal }),
    demandProof: (weights, signal) => demandProof(boxes, weights, signal),
    admit: (weights, signal) => admit(boxes, weights, signal),
    setWeights: (weights, signal) => changeWeights(boxes, weights, { more: () => [], isShown: () => true, signal }),
  }
}

interface TakingOut {
  state: 'drain' | 'maint'
  signal: AbortSignal | undefined
}

/** A drained server may be in maintenance already, which is more. */
function takeOut(boxes: SessionBoxes, servers: readonly ServerRef[], { state, signal }: TakingOut) {
  const isShown = (server: ServerState) => isSilent(server) && [state, 'maint'].includes(server.admin)
  return boxes.statesOf(servers, (box, own) => {
    const commands = () =>
      own.flatMap((server) => [...box.silenceAgent(server), `set server ${pathOf(server)} state ${state}`])
    return box.change(own, { commands, isShown }, signal)
  })
}

interface WeightChange {
  /** What else is set of each server, in the same breath. */
  more: (server: ServerRef) => string[]
  isShown: (server: ServerState) => boolean
  signal: AbortSignal | undefined
}

async function changeWeights(
  boxes: SessionBoxes,
  weights: readonly ServerWeight[],
  { more, isShown, signal }: WeightChange,
): Promise<ServerState[]> {
  const wanted = new Map(weights.map((weight) => [keyOf(weight.server), weight]))
  const isDone = (server: ServerState) => isShown(server) && isWeightShown(server, wanted.get(keyOf(server))!.weight)
  return boxes.statesOf(
    weights.map(({ server }) => server),
    (box, own) => {
      const commands = () => own.flatMap((server) => [box.weightCommand(wanted.get(keyOf(server))!), ...more(server)])
      return box.change(own, { commands, isShown: isDone }, signal)
    },
  )
}

async function admit(
  boxes: SessionBoxes,
  weights: readonly ServerWeight[],
  signal?: AbortSignal,
): Promise<ServerState[]> {
  const withAgent = new Set(weights.filter(({ agentChecked }) => agentChecked).map(({ server }) => keyOf(server)))
  const hasAgent = (server: ServerRef) => withAgent.has(keyOf(server))
  return changeWeights(boxes, weights, {
    more: (server) => [
      `set server ${pathOf(server)} state ready`,
      ...(hasAgent(server) ? [`enable agent ${pathOf(server)}`] : []),
    ],
    isShown: (server) => server.admin === 'ready' && (!hasAgent(server) || server.agentChecked === true),
    signal,
  })
}

async function demandProof(
  boxes: SessionBoxes,
  weights: readonly ServerWeight[],
  signal?: AbortSignal,
): Promise<ServerState[]> {
  const servers = weights.map(({ server }) => server)
  const proofs = new Map((await boxes.collect(servers, (box, own) => box.findProofs(own, signal))).flat())
  const isDemanded = (server: ServerRef) => proofs.get(keyOf(server)) === 'all-checks'
  const states = await drainAgain(boxes, weights, { isAnew: isDemanded, signal })
  // A single check that passes or fails leaves no mark where `fall` is 1, nor where a version takes it for fully up.
  const unmarked = new Set(states.filter(({ health }) => health === 'up' || health === 'starting').map(keyOf))
  const isUnasked = (server: ServerRef) => proofs.get(keyOf(server)) === 'next-check' && unmarked.has(keyOf(server))
  return servers.some(isUnasked) ? drainAgain(boxes, weights, { isAnew: isUnasked, signal }) : states
}

/** Drains with the weight to come, and has the checks of some servers begin from the bottom. */
function drainAgain(
  boxes: SessionBoxes,
  weights: readonly ServerWeight[],
  { isAnew, signal }: { isAnew: (server: ServerRef) => boolean; signal: AbortSignal | undefined },
): Promise<ServerState[]> {
  return changeWeights(boxes, weights, {
    more: (server) => [
      ...boxes.get(server.box).silenceAgent(server),
      `set server ${pathOf(server)} state drain`,
      ...(isAnew(server) ? [`set server ${pathOf(server)} health down`] : []),
    ],
    isShown: (server) => server.admin === 'drain' && isSilent(server),
    signal,
  })
}

/** Whether no agent can undo a drain: one that answers "ready" does. */
function isSilent({ agentChecked }: ServerState): boolean {
  return !agentChecked
}

function isWeightShown({ weight, weightHeldBy }: ServerState, wanted: number): boolean {
  switch (weightHeldBy) {
    case 'agent':
      return true
    case 'algorithm':
      return (weight === 0) === (wanted === 0)
    case undefined:
      return weight === wanted
  }
}
