import type { ServerRef, ServerState } from '@vesemir/contract'
import { VesemirError, type ServerAmongPeers, type ServerFigures } from '@vesemir/core'
import type { Box } from './box.ts'
import { checkShown, refusalOfShow } from './refusal.ts'
import {
  isAgentAsked,
  isBeingChecked,
  isChecked,
  isInMaintenance,
  isServing,
  serverStateOf,
  stateByStatistics,
} from './server-state.ts'
import { parseFigures, parseStates, parseStats, type FigureRow, type StateRow, type StatRow } from './tables.ts'

/** By what HAProxy can prove a server healthy: nothing, one check, or as many as bring it up. */
export type Proof = 'none' | 'next-check' | 'all-checks'

/** What was read of one process of HAProxy that it does not tell with every answer; a reload may have changed all of it. */
interface Learnt {
  process: string
  /**
   * The state of each server as read last, by path. With it goes its number: statistics are asked for by number, since a
   * frontend may have the backend's name, and all servers are a lot to read for one.
   */
  states: Map<string, StateRow>
  backendIds: Map<string, string>
  /** The servers that each server follows by `track`, by path. */
  followed: Map<string, string>
  /** Backends whose own rows of statistics were read: those show the algorithm. */
  described: Set<string>
  /** Backends whose algorithm knows no weights but all and nothing. */
  unweighted: Set<string>
}

/** Servers as read, and the statistics of them and of their backends. */
interface Shown {
  states: ServerState[]
  stats: StatRow[]
}

/** Reads the servers of one box: some of them, and what changes they just got, in one round trip. */
export class BoxReader {
  readonly #box: Box
  #learnt: Learnt = nothingOf('')

  constructor(box: Box) {
    this.#box = box
  }

  /**
   * Sends changes and reads the servers right behind them: by their rows of statistics where those say enough, which is all
   * but always.
   * @throws {VesemirError} `SERVER_UNKNOWN`, `BACKEND_UNKNOWN`, and as `Box.ask`
   */
  async exchange(
    changes: readonly string[],
    servers: readonly ServerRef[],
    signal?: AbortSignal,
  ): Promise<{ answers: string[]; states: ServerState[] }> {
    const learnt = this.#known
    const reads = showServers(servers, learnt)
    const answers = await (changes.length > 0
      ? this.#box.ask([...changes, ...reads], signal)
      : this.#box.read(reads, signal))
    const changed = answers.splice(0, changes.length)
    const { states } = this.#byStatistics(servers, { answers, learnt }) ?? (await this.#byTables(servers, signal))
    return { answers: changed, states: await this.#addRetired(states, signal) }
  }

  /** Reads servers, and how many get traffic in the backend of each. Throws as `exchange`. */
  async readAmongPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerAmongPeers[]> {
    const learnt = this.#known
    const answers = await this.#box.read(showAmongPeers(servers, learnt), signal)
    const { states, stats } =
      this.#byStatistics(servers, { answers, learnt }) ?? (await this.#byTables(servers, signal))
    const backends = new Map(stats.filter(({ isServer }) => !isServer).map((row) => [row.backend, row]))
    return states.map((state) => ({ ...state, inService: backends.get(state.backend)?.inService ?? 0 }))
  }

  /** Reads all servers of the backends. Throws as `exchange`. */
  async readBackends(backends: readonly string[], signal?: AbortSignal): Promise<ServerState[]> {
    const { servers, stateRows, statRows } = await this.#readBackendRows(backends, signal)
    return servers.map((server) => this.#combine(server, stateRows, statRows))
  }

  /** Reads what was counted of all servers of the backends: a row for each, once the backends' numbers are known. Throws as `exchange`. */
  async readFigures(backends: readonly string[], signal?: AbortSignal): Promise<ServerFigures[]> {
    const box = this.#box.target.name
    const rows = await this.#readFigures(backends, signal)
    const countedBy = this.#box.lastProcess
    return rows
      .filter(({ isServer }) => isServer)
      .map((row) => {
        const { backend, server, requests, serverErrors, connectionErrors, responseTimeMs } = row
        const { sessions, sessionLimit, sessionsPerSecond, responseErrors, connectTimeMs } = row
        const load = { sessions, sessionsPerSecond, ...(sessionLimit === undefined ? {} : { sessionLimit }) }
        const counts = { countedBy, requests, serverErrors, connectionErrors, responseTimeMs }
        const tcp = row.mode === 'tcp' ? { tcp: { brokenOff: responseErrors, connectTimeMs } } : {}
        return { box, backend, server, inService: isServing(row), ...counts, ...tcp, ...load }
      })
  }

  /** Reads the table of every server of the box. */
  async readAllRows(signal?: AbortSignal): Promise<StateRow[]> {
    const learnt = this.#known
    const [answer = ''] = await this.#box.read([showAllStates], signal)
    return [...this.#takeStates([showAllStates], { answers: [answer], learnt }).values()]
  }

  /** Returns those of the backends that the box does not have: one without a server is in no table of servers. */
  async findMissing(backends: readonly string[], signal?: AbortSignal): Promise<string[]> {
    if (backends.length === 0) return []
    const commands = backends.map(showStates)
    const answers = await this.#box.read(commands, signal)
    return backends.filter((_, index) => {
      const refusal = refusalOfShow(answers[index] ?? '', { box: this.#box.target.name, command: commands[index]! })
      if (refusal && refusal.code !== 'BACKEND_UNKNOWN') throw refusal
      return refusal !== undefined
    })
  }

  /**
   * Tells by what HAProxy can prove each server healthy again. Its next check is enough of one that is in maintenance, with no
   * check under way that began before it; but clients must not be able to stick to a server that is drained and taken for up:
   * not by a cookie, a stick table or, where that is not HTTP, whatever else.
   */
  async findProofs(servers: readonly ServerRef[], signal?: AbortSignal): Promise<Proof[]> {
    const backends = backendsOf(servers)
    // Of a backend with many servers most rows are of others.
    const asked = { types: backendType, more: ['show table'], names: servers.map(({ server }) => server) }
    const { stateRows, stats, others } = await this.#readTables(backends, asked, signal)
    const [tables] = others
    const loose = stats.filter(({ mode, cookie }) => mode === 'http' && cookie === undefined)
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
    return this.#known.followed.get(pathOf(server))
  }

  /** Whether a server's agent is asked, as far as was read. */
  isAgentAsked(server: ServerRef): boolean {
    const state = this.#known.states.get(pathOf(server))
    return state !== undefined && isAgentAsked(state)
  }

  isWeighted(backend: string): boolean {
    return !this.#known.unweighted.has(backend)
  }

  /** Keeps in mind that a backend's algorithm was seen to refuse a weight: no table tells so of every algorithm. */
  learnUnweighted(backend: string): void {
    this.#known.unweighted.add(backend)
  }

  /** What is known now. What is asked for goes where it belonged when it was asked for: a reload may come in between. */
  get #known(): Learnt {
    if (this.#learnt.process !== this.#box.lastProcess) this.#learnt = nothingOf(this.#box.lastProcess)
    return this.#learnt
  }

  /** Gives nothing when one of the rows leaves open how its server is, or what was learnt is of another process. */
  #byStatistics(
    servers: readonly ServerRef[],
    { answers, learnt }: { answers: readonly string[]; learnt: Learnt },
  ): Shown | undefined {
    if (learnt !== this.#known) return undefined
    const stats = takeStats(answers, learnt)
    const statRows = byPath(stats)
    const stateRows = new Map<string, StateRow>()
    for (const path of servers.map(pathOf)) {
      const [stat, before] = [statRows.get(path), learnt.states.get(path)]
      const now = stat && before && stateByStatistics(stat, before)
      if (!now) return undefined
      stateRows.set(path, now)
    }
    return { states: servers.map((server) => this.#combine(server, stateRows, statRows)), stats }
  }

  async #byTables(servers: readonly ServerRef[], signal?: AbortSignal): Promise<Shown> {
    const backends = backendsOf(servers)
    for (let tries = 1; ; tries += 1) {
      const learnt = this.#known
      const reads = [...backends.map(showStates), ...showAmongPeers(servers, learnt)]
      const answers = await this.#box.read(reads, signal)
      const stateRows = this.#takeStates(backends.map(showStates), {
        answers: answers.splice(0, backends.length),
        learnt,
      })
      const stats = takeStats(answers, learnt)
      const statRows = byPath(stats)
      const unknown = servers.find((server) => !statRows.has(pathOf(server)) || !stateRows.has(pathOf(server)))
      if (!unknown) return { states: servers.map((server) => this.#combine(server, stateRows, statRows)), stats }
      // Its number is known from now on, unless a reload comes in between.
      if (tries === mostTries || !stateRows.has(pathOf(unknown)))
        throw new VesemirError('SERVER_UNKNOWN', `${unknown.box} has no server ${pathOf(unknown)}`)
    }
  }

  /** Reads what was counted of all servers of the backends; first their numbers, where those are not known. */
  async #readFigures(backends: readonly string[], signal?: AbortSignal): Promise<FigureRow[]> {
    for (;;) {
      const learnt = this.#known
      const unknown = backends.filter((backend) => !learnt.backendIds.has(backend))
      const ids = backends.map((backend) => learnt.backendIds.get(backend)).filter((id) => id !== undefined)
      const shows = ids.map((id) => `show stat ${id} ${serverType} -1`)
      const answers = await this.#box.read([...unknown.map(showStates), ...shows], signal)
      this.#takeStates(unknown.map(showStates), { answers: answers.splice(0, unknown.length), learnt })
      // One without servers is in no table, and has nothing to count. After a reload a number may be another backend's.
      const hasLearnt = unknown.some((backend) => learnt.backendIds.has(backend))
      if (!hasLearnt && learnt === this.#known) return answers.flatMap(parseFigures)
    }
  }

  async #readBackendRows(backends: readonly string[], signal?: AbortSignal) {
    const box = this.#box.target.name
    const { stateRows, stats } = await this.#readTables(backends, { types: rowTypes }, signal)
    const statRows = byPath(stats)
    const servers = [...stateRows.values()]
      .map(({ backend, server }) => ({ box, backend, server }))
      .filter((server) => statRows.has(pathOf(server)))
    return { servers, stateRows, statRows }
  }

  /**
   * Reads both tables of the backends, that of states of servers with some `names` alone where those are given, and what else is asked
   * for; in one go once the backends' numbers are known.
   */
  async #readTables(
    backends: readonly string[],
    { types, more = [], names }: { types: number; more?: readonly string[]; names?: readonly string[] },
    signal?: AbortSignal,
  ): Promise<{ stateRows: Map<string, StateRow>; stats: StatRow[]; others: string[] }> {
    for (;;) {
      const learnt = this.#known
      const ids = backends.map((backend) => learnt.backendIds.get(backend))
      const shows = ids.flatMap((id) => (id === undefined ? [] : [`show stat ${id} ${types} -1`]))
      const answers = await this.#box.read([...more, ...backends.map(showStates), ...shows], signal)
      const others = answers.splice(0, more.length)
      const stateRows = this.#takeStates(backends.map(showStates), {
        answers: answers.splice(0, backends.length),
        learnt,
        ...(names ? { names } : {}),
      })
      if (backends.every((backend, index) => learnt.backendIds.get(backend) === ids[index]))
        return { stateRows, stats: takeStats(answers, learnt), others }
    }
  }

  /** Adds the sessions of workers from before a reload: they answer their requests, whatever the new one is told. */
  async #addRetired(states: ServerState[], signal?: AbortSignal): Promise<ServerState[]> {
    const rows = (await this.#box.askRetired(signal)).filter(({ isServer }) => isServer)
    if (rows.length === 0) return states
    return states.map((state) => {
      const own = rows.filter((row) => pathOf(row) === pathOf(state))
      return { ...state, sessions: own.reduce((total, row) => total + row.sessions, state.sessions) }
    })
  }

  #takeStates(
    commands: readonly string[],
    { answers, learnt, names }: { answers: readonly string[]; learnt: Learnt; names?: readonly string[] },
  ): Map<string, StateRow> {
    const rows = new Map<string, StateRow>()
    for (const [index, answer] of answers.entries()) {
      checkShown(answer, { box: this.#box.target.name, command: commands[index] ?? '' })
      for (const row of parseStates(answer, names)) {
        rows.set(pathOf(row), row)
        learnt.states.set(pathOf(row), row)
        learnt.backendIds.set(row.backend, row.backendId)
      }
    }
    return rows
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

/** How often a server's tables are read when its numbers are not known, or a reload changes them. */
const mostTries = 3

function nothingOf(process: string): Learnt {
  return {
    process,
    states: new Map(),
    backendIds: new Map(),
    followed: new Map(),
    described: new Set(),
    unweighted: new Set(),
  }
}

/** Shows servers, and the backend of one only until its own row was read. */
function showServers(servers: readonly ServerRef[], learnt: Learnt): string[] {
  return showStats(servers, learnt, (backend) => (learnt.described.has(backend) ? serverType : rowTypes))
}

/** Shows servers and their backends. */
function showAmongPeers(servers: readonly ServerRef[], learnt: Learnt): string[] {
  return showStats(servers, learnt, () => rowTypes)
}

function showStats(servers: readonly ServerRef[], { states }: Learnt, typesOf: (backend: string) => number): string[] {
  const known = servers.map((server) => states.get(pathOf(server))).filter((state) => state !== undefined)
  return known.map(({ backend, backendId, serverId }) => `show stat ${backendId} ${typesOf(backend)} ${serverId}`)
}

function takeStats(answers: readonly string[], { followed, described, unweighted }: Learnt): StatRow[] {
  const rows = answers.flatMap(parseStats)
  for (const row of rows) {
    if (!row.isServer) described.add(row.backend)
    if (row.algorithm === 'static-rr') unweighted.add(row.backend)
    if (row.isServer && row.follows) followed.set(pathOf(row), row.follows)
  }
  return rows
}

/** The rows of servers. */
function byPath(stats: readonly StatRow[]): Map<string, StatRow> {
  return new Map(stats.filter(({ isServer }) => isServer).map((row) => [pathOf(row), row]))
}

/** The backends that servers are in. */
export function backendsOf(servers: readonly ServerRef[]): string[] {
  return [...new Set(servers.map(({ backend }) => backend))]
}

const showAllStates = 'show servers state'

function showStates(backend: string): string {
  return `show servers state ${checkName(backend)}`
}

/**
 * Writes a server as commands name it.
 * @throws {VesemirError} `LOAD_BALANCER_REFUSED` for a name that could end the command line, which HAProxy itself would not allow
 */
export function pathOf({ backend, server }: { backend: string; server: string }): string {
  return `${checkName(backend)}/${checkName(server)}`
}

function checkName(name: string): string {
  if (/^[A-Za-z0-9_.:-]+$/.test(name)) return name
  throw new VesemirError('LOAD_BALANCER_REFUSED', `${JSON.stringify(name)} is not a name in HAProxy`)
}
