import type { ServerRef, ServerState } from '@vesemir/contract'
import type { StateRow, StatRow } from './tables.ts'

/** A server in HAProxy's tables. */
export interface Seen {
  state: StateRow
  stat: StatRow
  /** Whether its backend's algorithm knows weights between all and nothing. */
  isWeighted: boolean
}

/**
 * Tells a server by HAProxy's numbers; its words are composite ("UP 1/2", "MAINT (via b/s)", "no check"). The bits are
 * those of `show servers state` (management guide, 9.3).
 */
export function serverStateOf(ref: ServerRef, { state, stat, isWeighted }: Seen): ServerState {
  const weightHeldBy = isWeighted ? (state.agentState & checkEnabled) !== 0 && 'agent' : 'algorithm'
  return {
    box: ref.box,
    backend: ref.backend,
    server: ref.server,
    admin: adminOf(state.adminState),
    health: healths[state.opState] ?? 'down',
    checked: (state.checkState & checkEnabled) !== 0,
    weight: state.weight,
    initialWeight: state.initialWeight,
    sessions: stat.sessions,
    ...(stat.isBackup ? { backup: true } : {}),
    ...(weightHeldBy ? { weightHeldBy } : {}),
  }
}

const healths = ['down', 'starting', 'up', 'stopping'] as const

// By command, by the server that it follows, by DNS. The bit 4, "disabled in the configuration", is only a marker.
const maint = 0x01 | 0x02 | 0x20
// By command, by the server that it follows.
const drain = 0x08 | 0x10
const checkEnabled = 4

function adminOf(adminState: number): ServerState['admin'] {
  if ((adminState & maint) !== 0) return 'maint'
  return (adminState & drain) === 0 ? 'ready' : 'drain'
}
