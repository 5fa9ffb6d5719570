import type { HostTarget, ServerRef, ServerState } from '@vesemir/contract'
import {
  deadlineIn,
  VesemirError,
  type Clock,
  type Located,
  type Probes,
  type ServerAmongPeers,
  type ServerFigures,
  type ServerWeight,
} from '@vesemir/core'
import { backendsOf, BoxReader, pathOf, type Proof } from './box-reader.ts'
import type { Box } from './box.ts'
import { findServers } from './find-servers.ts'
import { isStaticWeight, refusalOf } from './refusal.ts'

/** A change of servers: what is sent, and how a server looks once it is done. */
export interface Change {
  /** Asked for again with each try: an answer may have taught something. */
  commands: () => string[]
  isShown: (server: ServerState) => boolean
}

// HAProxy shows a change at once; this leaves room for a reload in between.
const settleMs = 1000
const lookAgainMs = 20

// SRV_UWGHT_MAX
const mostWeight = 256

/** The servers of one box: found, read and changed, every answer checked. */
export class BoxServers {
  readonly #box: Box
  readonly #reader: BoxReader
  readonly #clock: Clock

  constructor(box: Box, clock: Clock) {
    this.#box = box
    this.#reader = new BoxReader(box)
    this.#clock = clock
  }

  /** Finds the servers of each host. Throws as `LoadBalancerSession.locate`. */
  async locate(
    hosts: readonly HostTarget[],
    where: { backends: readonly string[]; serverPort: number | undefined },
    signal?: AbortSignal,
  ): Promise<Located> {
    const box = this.#box.target.name
    const rows = await this.#reader.readAllRows(signal)
    const known = new Set(rows.map(({ backend }) => backend))
    const empty = where.backends.filter((backend) => !known.has(backend))
    const missing = await this.#reader.findMissing(empty, signal)
    return {
      hosts: findServers(hosts, rows, { box, ...where }),
      missing: missing.map((backend) => ({ box, backend })),
    }
  }

  async read(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]> {
    return (await this.#reader.exchange([], servers, signal)).states
  }

  /** As `BoxReader.readAmongPeers`. */
  readAmongPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerAmongPeers[]> {
    return this.#reader.readAmongPeers(servers, signal)
  }

  /** As `Box.readProcess`. */
  readProcess(signal?: AbortSignal): Promise<string> {
    return this.#box.readProcess(signal)
  }

  /** As `Box.probes`. */
  probes(signal?: AbortSignal): Promise<Probes | undefined> {
    return this.#box.probes(signal)
  }

  /** As `Box.untilReloaded`. */
  untilReloaded(options: { noticeMs: number; signal: AbortSignal }): Promise<void> {
    return this.#box.untilReloaded(options)
  }

  /** Reads all servers of the backends that these are in. */
  readPeers(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerState[]> {
    return this.#reader.readBackends(backendsOf(servers), signal)
  }

  /** Reads what was counted of all servers of the backends that these are in. */
  readFigures(servers: readonly ServerRef[], signal?: AbortSignal): Promise<ServerFigures[]> {
    return this.#reader.readFigures(backendsOf(servers), signal)
  }

  /**
   * Makes a change and reads it back until it shows; what a reload undoes in between is done again.
   * @throws {VesemirError} `LOAD_BALANCER_REFUSED`, `LOAD_BALANCER_PERMISSION`, `LOAD_BALANCER_UNREACHABLE`, `SERVER_UNKNOWN`, `BACKEND_UNKNOWN`
   */
  async change(
    servers: readonly ServerRef[],
    { commands, isShown }: Change,
    signal?: AbortSignal,
  ): Promise<ServerState[]> {
    const deadline = deadlineIn(this.#clock, settleMs)
    for (;;) {
      const changes = commands()
      const { answers, states } = await this.#reader.exchange(changes, servers, signal)
      const hasLearnt = this.#checkAnswers(changes, answers)
      const unlike = states.find((state) => !isShown(state))
      if (!unlike && !hasLearnt) return states
      if (unlike && deadline.leftMs() === 0) throw this.#notShown(unlike)
      if (!hasLearnt) await this.#clock.sleep(lookAgainMs, signal)
    }
  }

  /** Ends the sessions that servers still have. */
  async cutSessions(servers: readonly ServerRef[], signal?: AbortSignal): Promise<void> {
    const commands = servers.map((server) => `shutdown sessions server ${pathOf(server)}`)
    this.#checkAnswers(commands, await this.#box.ask(commands, signal))
  }

  /** Tells by what HAProxy can prove each server healthy again, as `BoxReader.findProofs`. */
  async findProofs(servers: readonly ServerRef[], signal?: AbortSignal): Promise<[key: string, Proof][]> {
    const proofs = await this.#reader.findProofs(servers, signal)
    return servers.map((server, index) => [keyOf(server), proofs[index]!])
  }

  /** Returns the command that keeps a server's agent from changing it, where it has one that is asked. */
  silenceAgent(server: ServerRef): string[] {
    return this.#reader.isAgentAsked(server) ? [`disable agent ${pathOf(server)}`] : []
  }

  /** Gives the command for a weight: absolute, since percentages are truncated, 50% of 1 to 0. */
  weightCommand({ server, weight }: ServerWeight): string {
    if (!Number.isInteger(weight) || weight < 0 || weight > mostWeight)
      throw new VesemirError('LOAD_BALANCER_REFUSED', `${JSON.stringify(weight)} is not a weight in HAProxy`)
    const allOrNothing = weight === 0 ? '0%' : '100%'
    const wanted = this.#reader.isWeighted(server.backend) ? weight : allOrNothing
    return `set server ${pathOf(server)} weight ${wanted}`
  }

  /** Throws at the first refusal; but a weight that the algorithm does not know is learnt from. */
  #checkAnswers(commands: readonly string[], answers: readonly string[]): boolean {
    let hasLearnt = false
    for (const [index, command] of commands.entries()) {
      const refusal = refusalOf(answers[index] ?? '', { box: this.#box.target.name, command })
      const backend = /^set server ([^/]+)\/\S+ weight /.exec(command)?.[1]
      if (!refusal) continue
      if (!backend || !this.#reader.isWeighted(backend) || !isStaticWeight(refusal)) throw refusal
      this.#reader.learnUnweighted(backend)
      hasLearnt = true
    }
    return hasLearnt
  }

  #notShown({ admin, weight, ...server }: ServerState): VesemirError {
    const box = this.#box.target.name
    const followed = this.#reader.followedBy(server)
    const why = followed ? `; it follows ${followed}, which has to be changed too` : ''
    const message = `${box} accepted the change of ${pathOf(server)} but still shows ${admin}, weight ${weight}${why}`
    return new VesemirError('LOAD_BALANCER_REFUSED', message, { details: { box, server: pathOf(server) } })
  }
}

/** Tells a server from all others, of all boxes. */
export function keyOf(server: ServerRef): string {
  return `${server.box} ${pathOf(server)}`
}
