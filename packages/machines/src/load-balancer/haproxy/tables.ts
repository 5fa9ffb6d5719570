/** What `show servers state` tells of a server. */
export interface StateRow {
  backendId: string
  serverId: string
  backend: string
  server: string
  /** '' where it has none: a name that resolves to nothing, or a socket of the file system. */
  address: string
  /** '' where it is configured by its address. */
  fqdn: string
  port: number
  opState: number
  adminState: number
  /** The weight that counts; in maintenance the statistics show an old one. */
  weight: number
  initialWeight: number
  checkState: number
  /** How many checks it is above or below DOWN: from 0 to rise + fall - 1. */
  checkHealth: number
  agentState: number
}

/** What `show stat` tells of a server, or of a backend as a whole. */
export interface StatRow {
  backend: string
  server: string
  isServer: boolean
  /** Of a server: where it sends traffic, such as `10.0.0.1:8080`; of one without an address, nothing or `unix`. */
  endpoint: string
  /** In words, composite: "UP", "DRAIN 1/3", "MAINT (via app/web-1)", "no check". */
  status: string
  /** The weight that was set; unknown where a version shows only what counts just now, and that is another. */
  weight: number | undefined
  /** Whether its weight still grows, by `slowstart`. */
  isStarting: boolean
  /** Since it went up or down last, or was drained or given back. */
  unchangedForSeconds: number
  /** Of a backend: how many of its servers get traffic, backups not counted. */
  inService: number
  /** In use and queued. */
  sessions: number
  /** The most that it may have in use; undefined without `maxconn`. */
  sessionLimit: number | undefined
  /** Those that began in the last second. */
  sessionsPerSecond: number
  requests: number
  serverErrors: number
  connectionErrors: number
  /** Answers that did not come to an end; of a server in TCP mode, connections that it broke off. */
  responseErrors: number
  connectTimeMs: number
  responseTimeMs: number
  isBackup: boolean
  /** The server that this one follows by `track`, as backend/server. */
  follows: string | undefined
  /** Of a backend: how it picks servers. */
  algorithm: string | undefined
  mode: string
  /** Of a backend: the name of the cookie that keeps clients at their server. */
  cookie: string | undefined
  /** How many passed checks bring it up, and how many failed ones take it down; 0 in maintenance. */
  rise: number
  fall: number
  /** How its last check ended, such as `L7STS 503` or `L4OK`; '' before the first. */
  lastCheck: string
  /** How many checks it is above or below DOWN, as in `StateRow`; 0 in maintenance. */
  checkHealth: number
}

/** Reads `show servers state`. Columns are found by name: each version of HAProxy has added some. */
export function parseStates(answer: string): StateRow[] {
  // The first line is the format's version.
  const [, header = '', ...lines] = answer.split('\n')
  const get = columnsOf(header, ' ')
  const rows = lines.map((line) => line.split(' '))
  return rows.map((row) => {
    return {
      backendId: get(row, 'be_id'),
      serverId: get(row, 'srv_id'),
      backend: get(row, 'be_name'),
      server: get(row, 'srv_name'),
      address: orNone(get(row, 'srv_addr')),
      fqdn: orNone(get(row, 'srv_fqdn')),
      port: Number(get(row, 'srv_port')),
      opState: Number(get(row, 'srv_op_state')),
      adminState: Number(get(row, 'srv_admin_state')),
      weight: Number(get(row, 'srv_uweight')),
      initialWeight: Number(get(row, 'srv_iweight')),
      checkState: Number(get(row, 'srv_check_state')),
      checkHealth: Number(get(row, 'srv_check_health')),
      agentState: Number(get(row, 'srv_agent_state')),
    }
  })
}

function orNone(field: string): string {
  return field === '-' ? '' : field
}

const serverType = '2'

/** Reads `show stat`. Rows are told apart by their type: a server may be called BACKEND. */
export function parseStats(answer: string): StatRow[] {
  const [header = ''] = answer.split('\n', 1)
  const get = columnsOf(header, ',')
  return parseCsv(answer.slice(header.length + 1)).map((row) => ({
    backend: get(row, 'pxname'),
    server: get(row, 'svname'),
    isServer: get(row, 'type') === serverType,
    endpoint: get(row, 'addr'),
    status: get(row, 'status'),
    weight: weightOf((column) => get(row, column)),
    isStarting: get(row, 'throttle') !== '',
    unchangedForSeconds: Number(get(row, 'lastchg')),
    inService: Number(get(row, 'act')),
    sessions: Number(get(row, 'scur')) + Number(get(row, 'qcur')),
    sessionLimit: get(row, 'slim') === '' ? undefined : Number(get(row, 'slim')),
    sessionsPerSecond: Number(get(row, 'rate')),
    // A backend in TCP mode counts sessions alone.
    requests: Number(get(row, 'req_tot') || get(row, 'stot')),
    serverErrors: Number(get(row, 'hrsp_5xx')),
    connectionErrors: Number(get(row, 'econ')),
    responseErrors: Number(get(row, 'eresp')),
    connectTimeMs: Number(get(row, 'ctime')),
    responseTimeMs: Number(get(row, 'rtime')),
    isBackup: get(row, 'bck') === '1',
    follows: get(row, 'tracked') || undefined,
    algorithm: get(row, 'algo') || undefined,
    mode: get(row, 'mode'),
    cookie: get(row, 'cookie') || undefined,
    rise: Number(get(row, 'check_rise')),
    fall: Number(get(row, 'check_fall')),
    checkHealth: Number(get(row, 'check_health')),
    lastCheck: lastCheckOf((column) => get(row, column)),
  }))
}

/** A check that is under way is marked by a star (stats_fill_sv_stats in HAProxy's src/stats.c). */
function lastCheckOf(get: (column: string) => string): string {
  return `${get('check_status').replace(/^\* /, '')} ${get('check_code')}`.trim()
}

/** Before 2.5 there is no `uweight`; `weight` is an old one in maintenance, and a part of it while a server starts slowly. */
function weightOf(get: (column: string) => string): number | undefined {
  const isOther = get('status').startsWith('MAINT') || get('throttle') !== ''
  const shown = get('uweight') || (isOther ? '' : get('weight'))
  return shown === '' ? undefined : Number(shown)
}

/** How many sessions a server has, as far as a table tells. What is not a server's yet may still become one's. */
export type SessionRow = Pick<StatRow, 'backend' | 'server' | 'isServer' | 'sessions'>

/** Reads `show sess`, one row for each session; those of HAProxy's own command line are left out. */
export function parseSessions(answer: string): SessionRow[] {
  const sessions = answer.matchAll(/^0x\w+: .* fe=(\S+) be=(\S+) srv=(\S+) /gm)
  return [...sessions]
    .filter(([, frontend]) => frontend !== 'GLOBAL')
    .map(([, , backend = '', server = '']) => ({ backend, server, isServer: server !== '<none>', sessions: 1 }))
}

type GetColumn = (row: string[], column: string) => string

function columnsOf(header: string, separator: string): GetColumn {
  const known = knownColumns.get(header)
  if (known) return known
  const names = header.replace(/^# /, '').split(separator)
  const indexes = new Map(names.map((name, index) => [name, index]))
  const get: GetColumn = (row, column) => row[indexes.get(column) ?? -1] ?? ''
  if (knownColumns.size >= mostKnown) knownColumns.clear()
  knownColumns.set(header, get)
  return get
}

/** Every answer has its header again, which is longer than a server's row: two for each version of HAProxy. */
const knownColumns = new Map<string, GetColumn>()
const mostKnown = 20

/** Splits CSV; texts of health checks are in quotes, and may hold anything. */
function parseCsv(text: string): string[][] {
  if (text === '') return []
  if (!text.includes('"')) return text.split('\n').map((line) => line.split(','))
  const rows: string[][] = [[]]
  for (const [, field = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/g)) {
    rows.at(-1)!.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field)
    if (end === '\n') rows.push([])
  }
  return rows
}
