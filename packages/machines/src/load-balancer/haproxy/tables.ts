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

/** Whose a row of `show stat` is: a server's, or a backend's as a whole. */
interface RowName {
  backend: string
  server: string
  isServer: boolean
}

/** What `show stat` tells of how a server is, or a backend as a whole. */
export interface StatRow extends RowName {
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

/** What `show stat` has counted of a server, and what it carries just now. */
export interface FigureRow extends RowName, Pick<StatRow, 'status' | 'weight' | 'sessions' | 'mode'> {
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
}

/**
 * Reads `show servers state`, or those of its rows that may be of servers with some names. Columns are found by name: each version
 * of HAProxy has added some.
 */
export function parseStates(answer: string, names?: readonly string[]): StateRow[] {
  // The first line is the format's version.
  const [, header = '', ...lines] = answer.split('\n')
  const get = columnsOf(header, ' ')
  const wanted = names ? lines.filter((line) => names.some((name) => line.includes(` ${name} `))) : lines
  const rows = wanted.map((line) => line.split(' '))
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

/** Reads from `show stat` how servers and backends are. */
export function parseStats(answer: string): StatRow[] {
  return parseRows(answer, (get) => ({
    ...nameOf(get),
    endpoint: get('addr'),
    status: get('status'),
    weight: weightOf(get),
    isStarting: get('throttle') !== '',
    unchangedForSeconds: Number(get('lastchg')),
    inService: Number(get('act')),
    sessions: sessionsOf(get),
    isBackup: get('bck') === '1',
    follows: get('tracked') || undefined,
    algorithm: get('algo') || undefined,
    mode: get('mode'),
    cookie: get('cookie') || undefined,
    rise: Number(get('check_rise')),
    fall: Number(get('check_fall')),
    checkHealth: Number(get('check_health')),
    lastCheck: lastCheckOf(get),
  }))
}

/** Reads from `show stat` what was counted. */
export function parseFigures(answer: string): FigureRow[] {
  return parseRows(answer, (get) => ({
    ...nameOf(get),
    status: get('status'),
    weight: weightOf(get),
    sessions: sessionsOf(get),
    mode: get('mode'),
    sessionLimit: get('slim') === '' ? undefined : Number(get('slim')),
    sessionsPerSecond: Number(get('rate')),
    // A backend in TCP mode counts sessions alone.
    requests: Number(get('req_tot') || get('stot')),
    serverErrors: Number(get('hrsp_5xx')),
    connectionErrors: Number(get('econ')),
    responseErrors: Number(get('eresp')),
    connectTimeMs: Number(get('ctime')),
    responseTimeMs: Number(get('rtime')),
  }))
}

/** Returns the field of a column, '' where there is none. */
type GetField = (column: string) => string

function parseRows<Row>(answer: string, toRow: (get: GetField) => Row): Row[] {
  const [header = ''] = answer.split('\n', 1)
  const get = columnsOf(header, ',')
  return parseCsv(answer.slice(header.length + 1)).map((fields) => toRow((column) => get(fields, column)))
}

/** Rows are told apart by their type: a server may be called BACKEND. */
function nameOf(get: GetField): RowName {
  return { backend: get('pxname'), server: get('svname'), isServer: get('type') === serverType }
}

function sessionsOf(get: GetField): number {
  return Number(get('scur')) + Number(get('qcur'))
}

/** A check that is under way is marked by a star (stats_fill_sv_stats in HAProxy's src/stats.c). */
function lastCheckOf(get: GetField): string {
  return `${get('check_status').replace(/^\* /, '')} ${get('check_code')}`.trim()
}

/**
 * Before 2.5 there is no `uweight`; `weight` is an old one in maintenance, and a part of it while a server starts slowly, which one that is
 * drained meanwhile does not show.
 */
function weightOf(get: GetField): number | undefined {
  const isOther = /^(?:MAINT|DRAIN)/.test(get('status')) || get('throttle') !== ''
  const shown = get('uweight') || (isOther ? '' : get('weight'))
  return shown === '' ? undefined : Number(shown)
}

/** How many sessions a server has, as far as a table tells. What is not a server's yet may still become one's. */
export type SessionRow = RowName & Pick<StatRow, 'sessions'>

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
