import { once } from 'node:events'
import type { LoadBalancer } from '@vesemir/core'

/** Stands for no load balancer: no host has servers, and nothing is there to change. */
export function createNone(): LoadBalancer {
  const nothing = async () => []
  return {
    open: async () => ({
      locate: async (hosts) => ({ hosts: hosts.map(() => ({ servers: [], byName: [], others: [] })), missing: [] }),
      read: nothing,
      untilReloaded: (_, { signal }) => untilAborted(signal),
      readProcess: async () => '',
      readAmongPeers: nothing,
      readPeers: nothing,
      readFigures: nothing,
      advise: async () => [],
      drain: nothing,
      hold: nothing,
      cutSessions: async () => {},
      demandProof: nothing,
      admit: nothing,
      setWeights: nothing,
      [Symbol.asyncDispose]: async () => {},
    }),
  }
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}
