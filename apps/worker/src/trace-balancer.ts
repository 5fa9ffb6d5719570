import type { HostTarget, ServerRef } from '@vesemir/contract'
import type { LoadBalancer, LoadBalancerSession, Probes } from '@vesemir/core'
import type { Tracing } from '@vesemir/process/tracing'
import { traceProbes } from './trace-shell.ts'

/** Traces what is asked of the boxes of a load balancer, and what they are told. */
export function traceBalancer<Balancer extends LoadBalancer>(balancer: Balancer, tracing: Tracing): LoadBalancer {
  return {
    open(boxes, settings, signal) {
      const { kind } = settings
      const attributes = { 'vesemir.boxes': boxes.map(({ name }) => name).join(' ') }
      return tracing.part(`${kind} open`, { kind: 'client', attributes }, async () =>
        traceSession(await balancer.open(boxes, settings, signal), { kind, boxes, tracing }),
      )
    },
  }
}

interface SessionTracing {
  kind: string
  boxes: readonly HostTarget[]
  tracing: Tracing
}

function traceSession(session: LoadBalancerSession, { kind, boxes, tracing }: SessionTracing): LoadBalancerSession {
  const trace = <Result>(what: string, servers: readonly ServerRef[] | undefined, act: () => Promise<Result>) =>
    tracing.part(`${kind} ${what}`, { kind: 'client', attributes: { 'vesemir.servers': listOf(servers) } }, act)
  /** What a walk asks for again and again while it waits. */
  const traceRead = <Result>(what: string, act: () => Promise<Result>) =>
    tracing.part(`${kind} ${what}`, { kind: 'client', isRepeated: true }, act)
  const serversOf = (weights: Parameters<LoadBalancerSession['admit']>[0]) => weights.map(({ server }) => server)
  return {
    locate: (hosts, signal) => trace('locate', undefined, () => session.locate(hosts, signal)),
    read: (servers, signal) => traceRead('read', () => session.read(servers, signal)),
    readPeers: (servers, signal) => traceRead('read peers', () => session.readPeers(servers, signal)),
    readAmongPeers: (servers, signal) => traceRead('read among peers', () => session.readAmongPeers(servers, signal)),
    readFigures: (servers, signal) => traceRead('read figures', () => session.readFigures(servers, signal)),
    drain: (servers, signal) => trace('drain', servers, () => session.drain(servers, signal)),
    hold: (servers, signal) => trace('hold', servers, () => session.hold(servers, signal)),
    cutSessions: (servers, signal) => trace('cut sessions', servers, () => session.cutSessions(servers, signal)),
    admit: (weights, signal) => trace('admit', serversOf(weights), () => session.admit(weights, signal)),
    setWeights: (weights, signal) =>
      trace('set weights', serversOf(weights), () => session.setWeights(weights, signal)),
    demandProof: (weights, signal) =>
      trace('demand proof', serversOf(weights), () => session.demandProof(weights, signal)),
    untilReloaded: (servers, options) => session.untilReloaded(servers, options),
    readProcess: (box, signal) => session.readProcess(box, signal),
    async probesFrom(box, signal) {
      const probes = await session.probesFrom(box, signal)
      const target = boxes.find(({ name }) => name === box)
      return probes && target && { ...delegate(probes), ...traceProbes(probes, { target, tracing }) }
    },
    advise: (signal) => session.advise(signal),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

function delegate(probes: Probes): Pick<Probes, 'proveProbes'> {
  return { proveProbes: (to, options) => probes.proveProbes(to, options) }
}

function listOf(servers: readonly ServerRef[] | undefined): string | undefined {
  return servers?.map(({ box, backend, server }) => `${box} ${backend}/${server}`).join(', ')
}
