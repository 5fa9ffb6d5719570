import type { HostTarget } from '@vesemir/contract'
import { deadlineIn, isVesemirError, VesemirError, type Clock, type ErrorCode, type Probes } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'
import type { Duplex } from 'node:stream'
import type { SshSession, SshShell, Sudo } from '../../remote-shell/index.ts'
import { startConversation, type Conversation } from './conversation.ts'
import { infoField, nameProcess } from './name-process.ts'
import { openAdminSocket } from './open-admin-socket.ts'
import { openFromWorker } from './open-from-worker.ts'
import { readConfiguration } from './read-configuration.ts'
import { ReloadWatch } from './reload-watch.ts'
import { SharedReads } from './shared-reads.ts'
import { stopDelays } from './stop-delays.ts'
import { parseSessions, parseStats, type SessionRow } from './tables.ts'

/** What a box is reached with. */
export interface BoxDeps {
  remoteShell: SshShell
  clock: Clock
  socket: string
  /** Where the socket is connected to from: on the box, by SSH, or from this process. */
  from: 'box' | 'worker'
  sudo: Sudo | undefined
  answerTimeoutMs: number
}

/** A conversation, and the name of the process that it is with: a connection stays with the process that accepted it. */
interface Channel {
  conversation: Conversation
  process: string
}

const retryIntervalMs = 20
/** For so long what the box said of its worker counts as said just now. */
const freshMs = 10

// Of all proxies, those of frontends (1) and of servers (4).
const showAllStats = 'show stat -1 5 -1'

/**
 * One HAProxy box: one connection to the admin socket, by SSH or straight, opened when first needed and again when it
 * breaks, whose commands all callers share. Answers are always of the worker in charge: a kept channel stays with the
 * worker that was there before a reload, and goes on telling what that one knows.
 */
export class Box implements AsyncDisposable {
  readonly target: HostTarget
  readonly #deps: BoxDeps
  readonly #closing = new AbortController()
  readonly #reads = new SharedReads((commands) => this.ask(commands))
  readonly #reloads: ReloadWatch
  /** The name of the process that answered last. */
  #process = ''
  /** Returns how long ago that was, in milliseconds. */
  #sinceHeardMs = (): number => Infinity
  #session: Promise<SshSession> | undefined
  /** Settles when the session sends at once: once for each session, since it takes a command. */
  #prompt: Promise<void> | undefined
  #channel: Promise<Channel> | undefined
  /** With workers that were replaced by a reload, and still have requests to answer. */
  readonly #retired = new Set<Conversation>()

  constructor(target: HostTarget, deps: BoxDeps) {
    this.target = target
    this.#deps = deps
    this.#reloads = new ReloadWatch(this, deps.clock)
  }

  /**
   * Connects, unless that is done, and checks that everything is allowed.
   * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`, `LOAD_BALANCER_PERMISSION`, `LOAD_BALANCER_REFUSED`, and what connecting by SSH throws
   */
  async connect(signal?: AbortSignal): Promise<void> {
    await orAborted(this.#converse(), signal)
  }

  /**
   * Sends commands in one go and gives their answers. Over a reload or a lost connection they are sent again, so they must
   * be safe to repeat.
   * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`, `LOAD_BALANCER_PERMISSION`
   */
  async ask(commands: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const { clock, answerTimeoutMs } = this.#deps
    const deadline = deadlineIn(clock, answerTimeoutMs)
    for (let tries = 1; ; tries += 1) {
      const outcome = await orAborted(this.#askOnce(commands), signal).catch((error: unknown) => {
        signal?.throwIfAborted()
        if (this.#closing.signal.aborted || deadline.leftMs() === 0 || !isPassing(error))
          throw this.#toUnreachable(error)
      })
      if (outcome) return outcome
      if (deadline.leftMs() === 0)
        throw this.#toUnreachable(new Error('its worker is stopping, and no new one answers'))
      // After a reload the new worker is there already: what it has forgotten is to be put right at once.
      if (tries > 1) await clock.sleep(retryIntervalMs, signal)
    }
  }

  /**
   * Gives the statistics of workers that a reload has replaced while this connection was there: the new worker counts none
   * of the requests that they still answer. One that has none left is let go, and ends.
   */
  async askRetired(signal?: AbortSignal): Promise<SessionRow[]> {
    if (this.#retired.size === 0) return []
    const asked = [...this.#retired].map(async (conversation) => {
      const rows = await this.#askSessions(conversation).catch(() => [])
      // What has not ended in a frontend may still come to a server.
      if (rows.every(({ sessions }) => sessions === 0)) this.#letGo(conversation)
      return rows
    })
    return (await orAborted(Promise.all(asked), signal)).flat()
  }

  /** Asks for what commands show, which change nothing, together with others that read just now. Throws as `ask`. */
  async read(commands: readonly string[], signal?: AbortSignal): Promise<string[]> {
    return orAborted(this.#reads.ask(commands), signal)
  }

  /** The name of the process that answered last: what was learnt of another may be so no more. '' before the first. */
  get lastProcess(): string {
    return this.#process
  }

  /** Returns how long ago a process answered last, in milliseconds. */
  sinceHeardMs(): number {
    return this.#sinceHeardMs()
  }

  /** Returns the name of the process in charge: another one after every reload and restart. Throws as `ask`. */
  async readProcess(signal?: AbortSignal): Promise<string> {
    if (this.sinceHeardMs() >= freshMs) await this.read([], signal)
    return this.#process
  }

  /** Reads HAProxy's configuration, where that is allowed. Throws as `ask`. */
  async readConfiguration(signal?: AbortSignal): Promise<string | undefined> {
    const [shown = ''] = await this.ask(['show env HAPROXY_CFGFILES'], signal)
    return readConfiguration(await this.#connectSsh(), { shown, signal })
  }

  /**
   * Returns what asks services from the box, over the connection to it; undefined where the socket is reached without one.
   * Throws what connecting by SSH throws.
   */
  async probes(signal?: AbortSignal): Promise<Probes | undefined> {
    return this.#deps.from === 'worker' ? undefined : orAborted(this.#connectSsh(), signal)
  }

  /** Settles soon after another worker has come into charge; rejects only when the signal is aborted. */
  untilReloaded(options: { noticeMs: number; signal: AbortSignal }): Promise<void> {
    return this.#reloads.untilReloaded(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error(`the connection to ${this.target.name} is closed`))
    for (const conversation of this.#retired) this.#letGo(conversation)
    const channel = await this.#channel?.catch(() => undefined)
    channel?.conversation.end()
    const session = await this.#session?.catch(() => undefined)
    await session?.[Symbol.asyncDispose]()
  }

  /** Gives nothing when the answers are of a worker on its way out. */
  async #askOnce(commands: readonly string[]): Promise<string[] | undefined> {
    const { conversation, process } = await this.#converse()
    // Asked last: a worker that is still in charge then was so for all the answers before.
    const answers = await conversation.ask([...commands, 'show info'])
    const info = answers.pop() ?? ''
    if (infoField(info, 'Stopping') === '0') {
      this.#process = process
      this.#sinceHeardMs = this.#deps.clock.startStopwatch()
      return answers
    }
    this.#retire(conversation)
    return undefined
  }

  /** Keeps the channel to a worker that has been replaced: nobody else can tell what it still answers. */
  #retire(conversation: Conversation): void {
    if (this.#retired.has(conversation)) return
    this.#retired.add(conversation)
    this.#channel = undefined
    void conversation.ended.then(() => this.#retired.delete(conversation))
  }

  async #askSessions(conversation: Conversation): Promise<SessionRow[]> {
    const [stats = ''] = await conversation.ask([showAllStats])
    const rows = parseStats(stats)
    if (rows.length > 0) return rows
    // Up to 2.2 a worker that is stopping has no statistics any more, since all of its proxies count as stopped.
    const [sessions = ''] = await conversation.ask(['show sess'])
    return parseSessions(sessions)
  }

  #letGo(conversation: Conversation): void {
    this.#retired.delete(conversation)
    conversation.end()
  }

  #converse(): Promise<Channel> {
    if (this.#channel) return this.#channel
    const starting = this.#start()
    const forget = () => {
      if (this.#channel === starting) this.#channel = undefined
    }
    this.#channel = starting
    starting.then(({ conversation }) => conversation.ended.then(forget), forget)
    return starting
  }

  async #start(): Promise<Channel> {
    const { answerTimeoutMs } = this.#deps
    const conversation = startConversation(await this.#openSocket(), { answerTimeoutMs })
    try {
      const info = await this.#greet(conversation)
      const process = await nameProcess(info, (commands) => conversation.ask(commands))
      return { conversation, process }
    } catch (error) {
      conversation.end()
      throw error
    }
  }

  async #openSocket(): Promise<Duplex> {
    const { socket, from, sudo, answerTimeoutMs: timeoutMs } = this.#deps
    const { signal } = this.#closing
    if (from === 'worker') return openFromWorker(this.target, { socket, timeoutMs, signal })
    const session = await this.#connectSsh()
    const [stream] = await Promise.all([openAdminSocket(session, { socket, sudo, signal }), this.#prompt])
    return stream
  }

  async #greet(conversation: Conversation): Promise<string> {
    const box = this.target.name
    const greeting = ['prompt', 'set severity-output number', 'set timeout cli 1h', 'show cli level', 'show info']
    const [, , , level = '', info = ''] = await conversation.ask(greeting).catch((error: unknown) => {
      throw this.#toUnreachable(error)
    })
    if (!/\badmin$/.test(level))
      throw new VesemirError(
        'LOAD_BALANCER_PERMISSION',
        `${box}: the socket has the level "${level.replace(/^\[\d\]: /, '')}", not admin`,
      )
    // Before 2.5 there could be several processes, each with a socket and servers of its own.
    const processes = infoField(info, 'Nbproc') ?? '1'
    if (processes !== '1')
      throw new VesemirError(
        'LOAD_BALANCER_REFUSED',
        `${box} runs HAProxy with nbproc ${processes}: only one process is supported`,
      )
    return info
  }

  #connectSsh(): Promise<SshSession> {
    if (this.#session) return this.#session
    const connecting = this.#deps.remoteShell.connect(this.target, this.#closing.signal)
    const forget = () => {
      if (this.#session === connecting) this.#session = undefined
    }
    this.#session = connecting
    connecting.then(({ closed }) => closed.then(forget), forget)
    this.#prompt = connecting.then((session) => stopDelays(session, this.#closing.signal)).catch(() => {})
    return connecting
  }

  #toUnreachable(error: unknown): VesemirError {
    if (isVesemirError(error, 'LOAD_BALANCER_UNREACHABLE', 'LOAD_BALANCER_PERMISSION', 'LOAD_BALANCER_REFUSED'))
      return error
    const { name } = this.target
    const what = error instanceof Error ? error.message : String(error)
    const message = `HAProxy on ${name} does not answer: ${what}`
    return new VesemirError('LOAD_BALANCER_UNREACHABLE', message, { cause: error, details: { host: name } })
  }
}

/** Whether trying again may help: a connection can be lost, a process be restarted; a refusal stays one. */
function isPassing(error: unknown): boolean {
  return !isVesemirError(error) || isVesemirError(error, ...passing)
}

const passing: ErrorCode[] = ['LOAD_BALANCER_UNREACHABLE', 'SSH_CONNECTION_LOST', 'SSH_UNREACHABLE', 'SSH_REFUSED']
