import type { ServerRef, ServerState } from '@vesemir/contract'
import { allOrFirstError } from './all-or-first-error.ts'
import type { Lease } from './box-pool.ts'
import { keyOf, type BoxServers } from './box-servers.ts'

/** The boxes of a session, all of which are asked at once. */
export class SessionBoxes {
  readonly #boxes: ReadonlyMap<string, BoxServers>

  constructor(leases: readonly Lease[]) {
    this.#boxes = new Map(leases.map(({ box, servers }) => [box.target.name, servers]))
  }

  get all(): BoxServers[] {
    return [...this.#boxes.values()]
  }

  get(name: string): BoxServers {
    const box = this.#boxes.get(name)
    if (!box) throw new TypeError(`${name} is not a box of this session`)
    return box
  }

  /** Returns the boxes that servers are on, each once. */
  of(servers: readonly ServerRef[]): BoxServers[] {
    return [...new Set(servers.map(({ box }) => box))].map((name) => this.get(name))
  }

  /** Does something on each box that some of the servers are on. */
  async collect<Result>(
    servers: readonly ServerRef[],
    work: (box: BoxServers, own: ServerRef[]) => Promise<Result>,
  ): Promise<Result[]> {
    const perBox = Map.groupBy(servers, ({ box }) => box)
    return allOrFirstError([...perBox].map(async ([name, own]) => work(this.get(name), own)))
  }

  /** Does something on each box that gives the states of its servers, and returns them in the order of the servers. */
  async statesOf<State extends ServerState>(
    servers: readonly ServerRef[],
    work: (box: BoxServers, own: ServerRef[]) => Promise<State[]>,
  ): Promise<State[]> {
    const states = (await this.collect(servers, work)).flat()
    const byKey = new Map(states.map((state) => [keyOf(state), state]))
    return servers.map((server) => byKey.get(keyOf(server))!)
  }
}
