import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { completeOptions } from './fleet-options.ts'
import { applicationsOf, type FleetState } from './fleet-state.ts'
import type { VmUser } from './vm-user.ts'

interface Surroundings {
  dir: string
  vmUser: VmUser | null
  nodePath: string
}

/** Gives a fleet's names, addresses and paths. Nothing of it runs yet. */
export function planFleet(
  options: ReturnType<typeof completeOptions>,
  { dir, vmUser, nodePath }: Surroundings,
): FleetState {
  const { network, ports, application, environment, team, tags, version, haproxy } = options
  const controlAddress = `${network}.0.1`
  const hosts = numbered(options.hosts, (i) => {
    const name = `web-${i}`
    return { name, address: `${network}.1.${i}`, directory: join(dir, 'vm', name, 'srv', application) }
  })
  const boxes = numbered(options.boxes, (i) => {
    const name = `lb-${i}`
    const hasPidNamespace = options.pidNamespaces.includes(name)
    return { name, address: `${network}.2.${i}`, hasPidNamespace, program: null }
  })
  const neighbours = options.neighbours.map((name, index) => {
    return { name, appPort: ports.app + 1 + index, frontendPort: ports.frontend + 1 + index }
  })
  return {
    dir,
    network,
    controlAddress,
    application,
    environment,
    team,
    tags,
    neighbours,
    version,
    ports,
    hosts,
    boxes,
    redisUrl: `redis://${controlAddress}:${ports.redis}`,
    chef: {
      url: `http://${controlAddress}:${ports.chef}`,
      clientName: 'vesemir',
      keyPath: join(dir, 'chef', 'vesemir.pem'),
      credentialsFile: join(dir, 'chef', 'credentials'),
    },
    ssh: { user: vmUser?.name ?? userInfo().username, port: ports.ssh, keyPath: join(dir, 'keys', 'client') },
    frontends: boxes.map(({ address }) => `http://${address}:${ports.frontend}`),
    appPort: ports.app,
    socketTemplate: join(dir, 'box', '{name}', 'haproxy.sock'),
    vmUser,
    nodePath,
    haproxy,
    processes: [],
  }
}

/** Gives every address and port that the fleet will listen on. */
export function plannedEndpoints(state: FleetState): { address: string; port: number }[] {
  const { ports, controlAddress } = state
  const applications = applicationsOf(state)
  return [
    ...[ports.redis, ports.chef].map((port) => ({ address: controlAddress, port })),
    ...[...state.hosts, ...state.boxes].map(({ address }) => ({ address, port: ports.ssh })),
    ...state.hosts.flatMap(({ address }) => applications.map(({ appPort: port }) => ({ address, port }))),
    ...state.boxes.flatMap(({ address }) => applications.map(({ frontendPort: port }) => ({ address, port }))),
  ]
}

function numbered<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1))
}
