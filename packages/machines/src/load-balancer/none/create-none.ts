import type { BalancerKind, KindSession, SettingsOf } from '../balancer-kind.ts'

/** Stands for no load balancer: no host has servers, and nothing is there to change. */
export function createNone(): BalancerKind<SettingsOf<'none'>> {
  const nothing = async () => []
  const session: KindSession = {
    locate: async (hosts) => ({ hosts: hosts.map(() => ({ servers: [], byName: [], others: [] })), missing: [] }),
    read: nothing,
    readPeers: nothing,
    drain: nothing,
    admit: nothing,
    setWeights: nothing,
    [Symbol.asyncDispose]: async () => {},
  }
  return { open: async () => session }
}
