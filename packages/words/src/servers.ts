import type { ServerState } from '@vesemir/contract'
import { count } from './count.ts'
import { toned, type Status } from './text.ts'

/** Describes how the boxes show a host's servers: `lb1 DRAIN 3 sessions · lb2 UP weight 50`. */
export function describeServers(servers: readonly ServerState[]): string {
  const isSeveral = new Set(servers.map(({ backend }) => backend)).size > 1
  return servers
    .map((server) => `${isSeveral ? `${server.box}/${server.backend}` : server.box} ${describeServer(server)}`)
    .join(' · ')
}

/** Describes how a box shows one server: `UP weight 50`. */
export function describeServer(server: ServerState): string {
  const { admin, weight, sessions } = server
  const { text } = serverStatus(server)
  if (admin === 'ready') return `${text} weight ${weight}`
  return sessions > 0 ? `${text} ${count(sessions, 'session')}` : text
}

/** Returns a server's state in HAProxy's word: `UP`, `DOWN`, `DRAIN`, `MAINT`. */
export function serverStatus({ admin, health }: Pick<ServerState, 'admin' | 'health'>): Status {
  if (admin !== 'ready') return toned(admin.toUpperCase(), 'waiting')
  return toned(health.toUpperCase(), health === 'up' ? 'good' : 'bad')
}
