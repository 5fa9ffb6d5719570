import type { Endpoint, ServerRef, ServerState } from '@vesemir/contract'
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
  const admin = adminOf(state.adminState)
  const health = isUnproven(state, stat) ? 'unproven' : (healths[state.opState] ?? 'down')
  const agentChecked = isAgentAsked(state)
  const weightHeldBy = isWeighted ? agentChecked && 'agent' : 'algorithm'
  const proof = isChecked(state) && admin !== 'maint' ? proofOf(stat, health) : undefined
  return {
    box: ref.box,
    backend: ref.backend,
    server: ref.server,
    endpoint: endpointOf(state),
    admin,
    health,
    checked: isChecked(state) || stat.follows !== undefined,
    weight: state.weight,
    initialWeight: state.initialWeight,
    sessions: stat.sessions,
    ...(admin === 'ready' && health === 'down' ? { downForSeconds: stat.unchangedForSeconds } : {}),
    ...(proof ? { proof } : {}),
    ...(isUnconfirmed(state, stat) ? { unconfirmed: true } : {}),
    ...(agentChecked ? { agentChecked } : {}),
    ...(isSpare(state) ? { spare: true } : {}),
    ...(stat.isBackup ? { backup: true } : {}),
    ...(weightHeldBy ? { weightHeldBy } : {}),
  }
}

/** Whether a server gets traffic, by its row of statistics alone. */
export function isServing({ status, weight }: Pick<StatRow, 'status' | 'weight'>): boolean {
  return /^(?:UP|no check)/.test(status) && weight !== 0
}

/** What a server stands for. */
export function endpointOf({ address, port, fqdn }: StateRow): Endpoint {
  return { address, port, ...(fqdn === '' ? {} : { fqdn }) }
}

/**
 * Tells by a server's row of statistics what the table of states would, given what that showed before: far less to read where
 * a backend has many servers. Undefined where the row leaves it open: a server that is DOWN or NOLB may be drained or not, one may have
 * another address than before, and what an agent or another server sets is in no column. The words are those of srv_hlt_st in HAProxy's src/stats.c.
 */
export function stateByStatistics(stat: StatRow, before: StateRow): StateRow | undefined {
  const admin = /^(?:MAINT|DRAIN|UP|no check)/.exec(stat.status)?.[0]
  // MAINT (resolution) is DNS's, and the numbers tell more.
  if (
    admin === undefined ||
    stat.status.includes('(') ||
    stat.weight === undefined ||
    stat.follows ||
    before.agentState !== 0
  )
    return undefined
  if (stat.endpoint !== endpointInStatistics(before)) return undefined
  const shown = { ...before, weight: stat.weight, checkHealth: stat.checkHealth }
  const marker = before.adminState & disabledInConfiguration
  if (admin === 'MAINT') return { ...shown, opState: healths.indexOf('down'), adminState: 0x01 | marker }
  return {
    ...shown,
    opState: healths.indexOf(stat.isStarting ? 'starting' : 'up'),
    adminState: (admin === 'DRAIN' ? 0x08 : 0) | marker,
    checkState: stat.rise > 0 ? before.checkState | checkEnabled : before.checkState & ~checkEnabled,
  }
}

/** As `show stat` writes it (stats_fill_sv_stats in HAProxy's src/stats.c). */
function endpointInStatistics({ address, port }: StateRow): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

const healths = ['down', 'starting', 'up', 'stopping'] as const

// By command, by the server that it follows, by DNS.
const byDns = 0x20
const maint = 0x01 | 0x02 | byDns
// Only a marker: it stays when someone makes the server ready.
const disabledInConfiguration = 0x04
// By command, by the server that it follows.
const drain = 0x08 | 0x10
const checkRunning = 1
const checkEnabled = 4

/**
 * Whether the server's agent is asked: its answers change the server's weight and state. Once it is disabled, an answer that
 * was on its way changes nothing, against what the management guide says (seen on 2.2, 2.6, 3.0 and 3.2).
 */
export function isAgentAsked({ agentState }: StateRow): boolean {
  return (agentState & checkEnabled) !== 0
}

/** Whether the configuration, or DNS, keeps a slot free: it is no server until someone makes it one. */
function isSpare({ adminState }: StateRow): boolean {
  const isDisabled = (adminState & disabledInConfiguration) !== 0 && adminOf(adminState) === 'maint'
  return isDisabled || (adminState & byDns) !== 0
}

/** How far a server is that is not proven: while it is down, its counter is the number of checks that have passed. */
function proofOf({ checkHealth, rise, lastCheck }: StatRow, health: ServerState['health']): ServerState['proof'] {
  if (health === 'unproven') return { passed: 0, needed: 1, lastCheck }
  return health === 'down' ? { passed: checkHealth, needed: rise, lastCheck } : undefined
}

/** Whether HAProxy checks the server by itself. */
export function isChecked({ checkState }: StateRow): boolean {
  return (checkState & checkEnabled) !== 0
}

/** Whether HAProxy gives the server no traffic and no checks. */
export function isInMaintenance({ adminState }: StateRow): boolean {
  return adminOf(adminState) === 'maint'
}

/** Whether a check of the server was under way when this was read. */
export function isBeingChecked({ checkState }: StateRow): boolean {
  return (checkState & checkRunning) !== 0
}

/**
 * Whether a drained server is taken for up although its last check has not passed: one that has left maintenance is, until its
 * next check takes it down, or lifts it to the top, rise + fall - 1 (srv_update_status and set_server_check_status in 2.6).
 */
function isUnproven(state: StateRow, stat: StatRow): boolean {
  return adminOf(state.adminState) === 'drain' && isTakenForUp(state, stat)
}

/** Whether a server that is ready is taken for up likewise. */
function isUnconfirmed(state: StateRow, stat: StatRow): boolean {
  return adminOf(state.adminState) === 'ready' && isTakenForUp(state, stat)
}

function isTakenForUp(state: StateRow, { rise, fall }: StatRow): boolean {
  const isUp = healths[state.opState] === 'up' || healths[state.opState] === 'starting'
  return isUp && isChecked(state) && state.checkHealth < rise + fall - 1
}

function adminOf(adminState: number): ServerState['admin'] {
  if ((adminState & maint) !== 0) return 'maint'
  return (adminState & drain) === 0 ? 'ready' : 'drain'
}
