import type { ServerRef, ServerState } from '@vesemir/contract'
import { VesemirError, type ServerFigures } from '@vesemir/core'
import type { Box } from './box.ts'
import { checkShown } from './refusal.ts'
import { isBeingChecked, isChecked, isInMaintenance, serverStateOf } from './server-state.ts'
import { parseStates, parseStats, type StateRow, type StatRow } from './tables.ts'

interface Ids {
  backendId: string
  serverId: string
}

/** By what HAProxy can prove a server healthy: nothing, one check, or as many as bring it up. */
export type Proof = 'none' | 'next-check' | 'all-checks'

/** Reads the servers of one box: some of them, and what changes they just got, in one round trip. */
export class BoxReader {
  readonly #box: Box
  /**
   * Statistics are asked for by number: a frontend may have the backend's name, and all servers are a lot to read for one.
   * Every table tells the numbers anew, since a reload may change them.
   */
  readonly #ids = new Map<string, Ids>()
  readonly #backendIds = new Map<string, string>()
  /** The servers that each server follows by `track`, by path. */
  readonly #followed = new Map<string, string>()
  /** Backends whose algorithm knows no weights but all and nothing. */
  readonly #unweighted = new Set<string>()

  constructor(box: Box) {
    this.#box = box
  }

  /**
   * Sends changes and reads the servers right behind them. The changes may be sent twice, when a server's number was not
   * known yet.
   * @throws {VesemirError} `SERVER_UNKNOWN`, `BACKEND_UNKNOWN`, and as `Box.ask`
   */
  async exchange(
    changes: readonly string[],
    servers: readonly ServerRef[],
    signal?: AbortSignal,
  ): Promise<{ answers: string[]; states: ServerState[] }> {
    const backends = backendsOf(servers)
    for (const isLast of [false, true]) {
      const reads = [...backends.map(showStates), ...servers.flatMap((server) => this.#showStat(server))]
      const answers = await (changes.length > 0
        ? this.#box.ask([...changes, ...reads], signal)
        : this.#box.read(reads, signal))
      const changed = answers.splice(0, changes.length)
      const stateRows = this.#takeStates(backends, { answers: answers.splice(0, backends.length), only: servers })
      const statRows = this.#takeStats(answers)
      const unknown = servers.find((server) => !statRows.has(pathOf(server)) || !stateRows.has(pathOf(server)))
      if (!unknown) {
        const states = servers.map((server) => this.#combine(server, stateRows, statRows))
        return { answers: changed, states: await this.#addRetired(states, signal) }
      }
      if (isLast || !stateRows.has(pathOf(unknown)))
        throw new VesemirError('SERVER_UNKNOWN', `${unknown.box} has no server ${pathOf(unknown)}`)
    }
    throw new TypeError('unreachable: the last try returns or throws')
  }

  /** Reads all servers of the backends. Throws as `exchange`. */
  async readBackends(backends: readonly string[], signal?: AbortSignal): Promise<ServerState[]> {
    const { servers, stateRows, statRows } = await this.#readBackendRows(backends, signal)
    return servers.map((server) => this.#combine(server, stateRows, statRows))
  }

  /** Reads what was counted of all servers of the backends. Throws as `exchange`. */
  async readFigures(backends: readonly string[], signal?: AbortSignal): Promise<ServerFigures[]> {
    const { servers, statRows } = await this.#readBackendRows(backends, signal)
    return servers.map((server) => {
      const { requests, serverErrors, connectionErrors, responseTimeMs } = statRows.get(pathOf(server))!
      return { ...server, requests, serverErrors, connectionErrors, responseTimeMs }
    })
  }

  async #readBackendRows(backends: readonly string[], signal?: AbortSignal) {
    const box = this.#box.target.name
    const { stateRows, stats } = await this.#readTables(backends, { types: rowTypes }, signal)
    const statRows = this.#takeStats(stats)
    const servers = [...stateRows.values()]
      .map(({ backend, server }) => ({ box, backend, server }))
      .filter((server) => statRows.has(pathOf(server)))
    return { servers, stateRows, statRows }
  }

  /** Reads both tables of the backends, and what else is asked for; in one go once the backends' numbers are known. */
  async #readTables(
    backends: readonly string[],
    { types, more = [] }: { types: number; more?: readonly string[] },
    signal?: AbortSignal,
  ): Promise<{ stateRows: Map<string, StateRow>; stats: string[]; others: string[] }> {
    for (;;) {
      const ids = backends.map((backend) => this.#backendIds.get(backend))
      const shows = ids.flatMap((id) => (id === undefined ? [] : [`show stat ${id} ${types} -1`]))
      const answers = await this.#box.read([...more, ...backends.map(showStates), ...shows], signal)
      const others = answers.splice(0, more.length)
      const stateRows = this.#takeStates(backends, { answers: answers.splice(0, backends.length) })
      if (backends.every((backend, index) => this.#backendIds.get(backend) === ids[index]))
        return { stateRows, stats: answers, others }
    }
  }

  /** Reads the table of every server of the backends, by path. */
  async readRows(backends: readonly string[], signal?: AbortSignal): Promise<Map<string, StateRow>> {
    return this.#takeStates(backends, { answers: await this.#box.read(backends.map(showStates), signal) })
  }

  /**
   * Tells by what HAProxy can prove each server healthy anew. Its next check is enough of one that is in maintenance, with no
   * check under way that began before it; but clients must not be able to stick to a server that is drained and taken for up:
   * not by a cookie, a stick table or, where that is not HTTP, whatever else.
   */
  async findProofs(servers: readonly ServerRef[], signal?: AbortSignal): Promise<Proof[]> {
    const backends = backendsOf(servers)
    const asked = { types: backendType, more: ['show table'] }
    const { stateRows, stats, others } = await this.#readTables(backends, asked, signal)
    const [tables] = others
    const loose = this.#learn(stats).filter(({ mode, cookie }) => mode === 'http' && cookie === undefined)
    return servers.map((server) => {
      const state = stateRows.get(pathOf(server))
      // Without checks of its own a server would stay down for good; one that follows another cannot be told to be down.
      if (!state || !isChecked(state)) return 'none'
      const isLoose = tables === '' && loose.some(({ backend }) => backend === server.backend)
      return isLoose && isInMaintenance(state) && !isBeingChecked(state) ? 'next-check' : 'all-checks'
    })
  }

  /** Tells which server a server follows, as far as was read. */
  followedBy(server: ServerRef): string | undefined {
    return this.#followed.get(pathOf(server))
  }

  isWeighted(backend: string): boolean {
    return !this.#unweighted.has(backend)
  }

  /** Keeps in mind that a backend's algorithm was seen to refuse a weight: no table tells so of every algorithm. */
  learnUnweighted(backend: string): void {
    this.#unweighted.add(backend)
  }

  /** Adds the sessions of workers from before a reload: they answer what they have in hand, whatever the new one is told. */
  async #addRetired(states: ServerState[], signal?: AbortSignal): Promise<ServerState[]> {
    const rows = (await this.#box.askRetired(signal)).filter(({ isServer }) => isServer)
    if (rows.length === 0) return states
    return states.map((state) => {
      const own = rows.filter((row) => pathOf(row) === pathOf(state))
      return { ...state, sessions: own.reduce((total, row) => total + row.sessions, state.sessions) }
    })
  }

  #showStat(server: ServerRef): string[] {
    const ids = this.#ids.get(pathOf(server))
    return ids ? [`show stat ${ids.backendId} ${rowTypes} ${ids.serverId}`] : []
  }

  #takeStates(
    backends: readonly string[],
    { answers, only }: { answers: readonly string[]; only?: readonly ServerRef[] },
  ): Map<string, StateRow> {
    const rows = new Map<string, StateRow>()
    const names = only && new Set(only.map(({ server }) => server))
    for (const [index, answer] of answers.entries()) {
      checkShown(answer, { box: this.#box.target.name, command: showStates(backends[index] ?? '') })
      for (const row of parseStates(answer, names)) {
        rows.set(pathOf(row), row)
        this.#ids.set(pathOf(row), row)
        this.#backendIds.set(row.backend, row.backendId)
      }
    }
    return rows
  }

  #learn(answers: readonly string[]): StatRow[] {
    const rows = answers.flatMap(parseStats)
    for (const { backend, algorithm } of rows) if (algorithm === 'static-rr') this.learnUnweighted(backend)
    return rows
  }

  #takeStats(answers: readonly string[]): Map<string, StatRow> {
    const servers = this.#learn(answers).filter(({ isServer }) => isServer)
    for (const row of servers) if (row.follows) this.#followed.set(pathOf(row), row.follows)
    return new Map(servers.map((row) => [pathOf(row), row]))
  }

  #combine(server: ServerRef, stateRows: Map<string, StateRow>, statRows: Map<string, StatRow>): ServerState {
    const state = stateRows.get(pathOf(server))!
    const stat = statRows.get(pathOf(server))!
    return serverStateOf(server, { state, stat, isWeighted: this.isWeighted(server.backend) })
  }
}

const backendType = 2
const serverType = 4
const rowTypes = backendType + serverType

/** The backends that servers are in. */
export function backendsOf(servers: readonly ServerRef[]): string[] {
  return [...new Set(servers.map(({ backend }) => backend))]
}

function showStates(backend: string): string {
  return `show servers state ${checkName(backend)}`
}

/**
 * Writes a server as commands name it.
 * @throws {VesemirError} `HAPROXY_REFUSED` for a name that could end the command line, which HAProxy itself would not allow
 */
export function pathOf({ backend, server }: { backend: string; server: string }): string {
  return `${checkName(backend)}/${checkName(server)}`
}

function checkName(name: string): string {
  if (/^[A-Za-z0-9_.:-]+$/.test(name)) return name
  throw new VesemirError('HAPROXY_REFUSED', `${JSON.stringify(name)} is not a name in HAProxy`)
}
