import { applicationsOf, socketPath, type FleetState } from './fleet-state.ts'
import { askHaproxy } from './haproxy-socket.ts'

/** One server as one box sees it; the numbers are HAProxy's: admin state 0 is ready, operational state 2 is running. */
export interface ServerRow {
  box: string
  backend: string
  server: string
  adminState: number
  opState: number
  weight: number
  /** Current sessions. */
  sessions: number
}

const checkPassed = 3

/** Reads every server of one box, in all backends. */
export async function showServers(state: FleetState, box: string): Promise<ServerRow[]> {
  const sessions = await readSessions(state, box)
  return (await readStates(state, box)).map((row) => {
    const backend = row.be_name ?? ''
    const server = row.srv_name ?? ''
    return {
      box,
      backend,
      server,
      adminState: Number(row.srv_admin_state),
      opState: Number(row.srv_op_state),
      weight: Number(row.srv_uweight),
      sessions: sessions.get(`${backend}/${server}`) ?? 0,
    }
  })
}

/**
 * Counts the applications' servers that run and have passed a check: at its start HAProxy takes all for running. Those that
 * the configuration takes out of use count too, since no check will come.
 */
export async function runningServers(state: FleetState, box: string): Promise<number> {
  const backends = applicationsOf(state).map(({ name }) => name)
  const rows = (await readStates(state, box)).filter((row) => backends.includes(row.be_name ?? ''))
  const isUp = (row: Record<string, string>) =>
    Number(row.srv_admin_state) !== 0 || (row.srv_op_state === '2' && Number(row.srv_check_result) === checkPassed)
  return rows.filter(isUp).length
}

async function readStates(state: FleetState, box: string): Promise<Record<string, string>[]> {
  const answer = await askHaproxy(socketPath(state, box), 'show servers state')
  const [, header = '', ...rows] = answer.trim().split('\n')
  return readRows(header.replace(/^# /, ''), rows, ' ')
}

async function readSessions(state: FleetState, box: string): Promise<Map<string, number>> {
  // Backends -1 are all, type 4 is servers.
  const answer = await askHaproxy(socketPath(state, box), 'show stat -1 4 -1')
  const [header = '', ...lines] = answer.trim().split('\n')
  const rows = readRows(header.replace(/^# /, ''), lines, ',')
  return new Map(rows.map((row) => [`${row.pxname}/${row.svname}`, Number(row.scur)]))
}

function readRows(header: string, rows: string[], separator: string): Record<string, string>[] {
  const names = header.split(separator)
  return rows.map((row) => Object.fromEntries(row.split(separator).map((value, index) => [names[index] ?? '', value])))
}
