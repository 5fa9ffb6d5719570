import type { HaproxySettings, ServerRef, ServerState } from '@vesemir/contract'
import { isOver, type LoadBalancerSession, type LocatedHost, type ServerWeight } from '@vesemir/core'
import { allOrFirstError } from './all-or-first-error.ts'
import type { Lease } from './box-pool.ts'
import { pathOf } from './box-reader.ts'
import { keyOf, type BoxServers } from './box-servers.ts'
import { forgetsOverReload } from './read-configuration.ts'

/** Works on the servers of some boxes, all boxes at once; the boxes are given back at its end. */
export function createHaproxySession(leases: readonly Lease[], settings: HaproxySettings): LoadBalancerSession {
  const boxes = new Map(leases.map(({ box, servers }) => [box.target.name, servers]))

  function boxOf(name: string): BoxServers {
    const box = boxes.get(name)
    if (!box) throw new TypeError(`${name} is not among the boxes of this session`)
    return box
  }

  /** Does something on each box that some of the servers are on. */
  async function onBoxes<Result>(
    servers: readonly ServerRef[],
    work: (box: BoxServers, own: ServerRef[]) => Promise<Result>,
  ): Promise<Result[]> {
    const names = [...new Set(servers.map(({ box }) => box))]
    const tasks = names.map(async (name) => {
      return work(
        boxOf(name),
        servers.filter((server) => server.box === name),
      )
    })
    return allOrFirstError(tasks)
  }

  async function statesOf<State extends ServerState>(
    servers: readonly ServerRef[],
    work: (box: BoxServers, own: ServerRef[]) => Promise<State[]>,
  ): Promise<State[]> {
    const states = (await onBoxes(servers, work)).flat()
    const byKey = new Map(states.map((state) => [keyOf(state), state]))
    return servers.map((server) => byKey.get(keyOf(server))!)
  }

  function setState(state: 'drain' | 'maint', isShown: (server: ServerState) => boolean) {
    return (servers: readonly ServerRef[], signal?: AbortSignal) =>
      statesOf(servers, (box, own) => {
        const commands = () => own.map((server) => `set server ${pathOf(server)} state ${state}`)
        return box.change(own, { commands, isShown }, signal)
      })
  }

  /** Sets weights, and whatever else `more` says of each server, in the same breath. */
  function changeWeights(
    more: (server: ServerRef) => string[],
    isShown: (server: ServerState) => boolean,
  ): (weights: readonly ServerWeight[], signal?: AbortSignal) => Promise<ServerState[]> {
    return async (weights, signal) => {
      const wanted = new Map(weights.map((weight) => [keyOf(weight.server), weight]))
      return statesOf(
        weights.map(({ server }) => server),
        (box, own) => {
          const commands = () =>
            own.flatMap((server) => [box.weightCommand(wanted.get(keyOf(server))!), ...more(server)])
          const isDone = (server: ServerState) =>
            isShown(server) && isWeightShown(server, wanted.get(keyOf(server))!.weight)
          return box.change(own, { commands, isShown: isDone }, signal)
        },
      )
    }
  }

  async function demandProof(weights: readonly ServerWeight[], signal?: AbortSignal): Promise<ServerState[]> {
    const servers = weights.map(({ server }) => server)
    const proofs = new Map((await onBoxes(servers, (box, own) => box.findProofs(own, signal))).flat())
    const states = await drainAnew(weights, (server) => proofs.get(keyOf(server)) === 'all-checks', signal)
    // A single check that passes or fails leaves no mark where `fall` is 1, nor where a version takes it for fully up.
    const unmarked = new Set(states.filter(({ health }) => health === 'up' || health === 'starting').map(keyOf))
    const isUnasked = (server: ServerRef) => proofs.get(keyOf(server)) === 'next-check' && unmarked.has(keyOf(server))
    return servers.some(isUnasked) ? drainAnew(weights, isUnasked, signal) : states
  }

  /** Drains with the weight to come, and has the checks of some servers begin from the bottom. */
  function drainAnew(
    weights: readonly ServerWeight[],
    isAnew: (server: ServerRef) => boolean,
    signal?: AbortSignal,
  ): Promise<ServerState[]> {
    const commands = (server: ServerRef) => [
      `set server ${pathOf(server)} state drain`,
      ...(isAnew(server) ? [`set server ${pathOf(server)} health down`] : []),
    ]
    return changeWeights(commands, ({ admin }) => admin === 'drain')(weights, signal)
  }

  return {
    async locate(hosts, signal) {
      const { backends, serverPort } = settings
      const perBox = await allOrFirstError(
        [...boxes.values()].map((box) => box.locate(hosts, { backends, serverPort }, signal)),
      )
      return {
        hosts: hosts.map((_, index) => onAllBoxes(perBox.map((located) => located.hosts[index]!))),
        missing: perBox.flatMap(({ missing }) => missing),
      }
    },
    read: (servers, signal) => statesOf(servers, (box, own) => box.read(own, signal)),
    readAmongPeers: (servers, signal) => statesOf(servers, (box, own) => box.readAmongPeers(own, signal)),
    untilReloaded: (servers, options) => untilOne([...new Set(servers.map(({ box }) => box))].map(boxOf), options),
    readProcess: (name, signal) => boxOf(name).readProcess(signal),
    readPeers: async (servers, signal) => (await onBoxes(servers, (box, own) => box.readPeers(own, signal))).flat(),
    readFigures: async (servers, signal) => (await onBoxes(servers, (box, own) => box.readFigures(own, signal))).flat(),
    advise: (signal) => advise(leases, signal),
    drain: setState('drain', ({ admin }) => admin !== 'ready'),
    hold: setState('maint', ({ admin }) => admin === 'maint'),
    cutSessions: async (servers, signal) => {
      await onBoxes(servers, (box, own) => box.cutSessions(own, signal))
    },
    demandProof,
    admit: changeWeights(
      (server) => [`set server ${pathOf(server)} state ready`],
      ({ admin }) => admin === 'ready',
    ),
    setWeights: changeWeights(
      () => [],
      () => true,
    ),
    async [Symbol.asyncDispose]() {
      for (const lease of leases) lease.release()
    },
  }
}

function onAllBoxes(perBox: readonly LocatedHost[]): LocatedHost {
  return {
    servers: perBox.flatMap(({ servers }) => servers),
    byName: perBox.flatMap(({ byName }) => byName),
    others: perBox.flatMap(({ others }) => others),
  }
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

/** Says which boxes forget drains over a reload; of one whose configuration may not be read, nothing is known. */
async function advise(leases: readonly Lease[], signal?: AbortSignal): Promise<string[]> {
  const forgetful = await allOrFirstError(
    leases.map(async ({ box }) => {
      const configuration = await box.readConfiguration(signal)
      return configuration !== undefined && forgetsOverReload(configuration) ? [box.target.name] : []
    }),
  )
  const names = forgetful.flat()
  if (names.length === 0) return []
  return [
    `${names.join(', ')} would forget drains over a reload, and give a host that is being restarted traffic for some milliseconds: set load-server-state-from-file (docs/haproxy.md)`,
  ]
}

/** Settles with the first of the boxes, and then waits for no other. */
async function untilOne(
  boxes: readonly BoxServers[],
  { noticeMs, signal }: { noticeMs: number; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const waits = boxes.map((box) => box.untilReloaded({ noticeMs, signal: either }))
  try {
    await Promise.race(waits)
  } finally {
    over.abort(isOver)
    await Promise.allSettled(waits)
  }
}
