import type { ServerState } from '@vesemir/contract'

/** Says how the boxes show a host's servers: `lb1 DRAIN 3 sessions · lb2 UP weight 50`. */
export function describeServers(servers: readonly ServerState[]): string {
  const isSeveral = new Set(servers.map(({ backend }) => backend)).size > 1
  return servers
    .map((server) => `${isSeveral ? `${server.box}/${server.backend}` : server.box} ${describeServer(server)}`)
    .join(' · ')
}

/** Says how a box shows one server: `UP weight 50`. */
export function describeServer({ admin, health, weight, sessions }: ServerState): string {
  if (admin === 'ready') return `${health.toUpperCase()} weight ${weight}`
  return `${admin.toUpperCase()}${sessions > 0 ? ` ${sessions} ${sessions === 1 ? 'session' : 'sessions'}` : ''}`
}
