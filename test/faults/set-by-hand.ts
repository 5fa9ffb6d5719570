import { socketPath, type FleetState } from '../../infra/fleet/fleet-state.ts'
import { askHaproxy } from '../../infra/fleet/haproxy-socket.ts'
import type { ServerRow } from '../../infra/fleet/show-servers.ts'

/** A server of one box. */
export type ServerPlace = Pick<ServerRow, 'box' | 'backend' | 'server'>

/** Sets a server's state or weight as a person does, by the box's admin socket: `state maint`, `weight 70`. */
export async function setByHand(
  state: FleetState,
  { box, backend, server }: ServerPlace,
  setting: string,
): Promise<void> {
  const answer = await askHaproxy(socketPath(state, box), `set server ${backend}/${server} ${setting}`)
  if (answer.trim() !== '') throw new Error(`${box} answers ${setting} of ${backend}/${server} with ${answer.trim()}`)
}

/** Puts every server back to weight and readiness as they were shown. */
export async function restoreByHand(state: FleetState, servers: readonly ServerRow[]): Promise<void> {
  for (const row of servers) {
    await setByHand(state, row, `weight ${row.weight}`)
    if (row.adminState === 0) await setByHand(state, row, 'state ready')
  }
}
