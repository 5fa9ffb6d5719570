import type { HostTarget } from '@vesemir/contract'
import { completeSession, createNone } from '@vesemir/machines/load-balancer'
import { createServiceManagers } from '@vesemir/machines/service-manager'
import type { HostPorts, RolloutPorts } from '@vesemir/core'

type InMemoryPorts = Pick<HostPorts, 'remoteShell' | 'loadBalancer' | 'changesets' | 'secrets' | 'serviceManagers'> &
  Pick<RolloutPorts, 'inventory'>

/**
 * Machines without a load balancer, on which a command's name decides what becomes of it: `fail` fails, `hang` runs until
 * it is given up, everything else succeeds. `ran` tells what was run where.
 */
export function inMemoryCluster(names: readonly string[]): { ports: InMemoryPorts; ran: string[] } {
  const ran: string[] = []
  const targets = names.map((name, index): HostTarget => ({
    name,
    address: `10.0.0.${index + 1}`,
    port: 22,
    user: 'deploy',
    hostKeys: [],
  }))
  const run = async (host: string, command: string, signal: AbortSignal | undefined) => {
    ran.push(`${host}: ${command}`)
    if (command === 'fail') throw new Error('it failed')
    if (command !== 'hang') return
    const { promise, reject } = Promise.withResolvers<never>()
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
    await promise
  }
  const closeNothing = { [Symbol.asyncDispose]: async () => {} }
  const ports: InMemoryPorts = {
    inventory: {
      findHosts: async () => ({ hosts: targets, warnings: [] }),
      findBoxes: async () => ({ hosts: [], warnings: [] }),
    },
    remoteShell: {
      connect: async (target) => ({
        target,
        run: async (command, { signal }) => {
          await run(target.name, command, signal)
          return { stdout: '' }
        },
        httpGet: async () => ({ status: 200, headers: {}, body: '' }),
        tcpProbe: async () => {},
        proveScripts: async () => {},
        proveProbes: async () => {},
        probesByShell: false,
        closed: new Promise(() => {}),
        ...closeNothing,
      }),
    },
    loadBalancer: { open: async () => completeSession(await createNone().open([], { kind: 'none' })) },
    changesets: () => ({
      pin: async (_, { version }) => ({ strategy: 'command', id: version }),
      prove: async () => {},
      stage: async () => ({}),
      introduce: async () => ({ note: 'introduced' }),
      revert: async () => ({ note: 'reverted' }),
      inspect: async () => ({}),
    }),
    secrets: { read: async () => new Map() },
    serviceManagers: createServiceManagers(),
  }
  return { ports, ran }
}
