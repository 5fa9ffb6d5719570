import type { HostTarget } from '@vesemir/contract'
import { isOver, type Clock, type RemoteSession, type RemoteShell } from '@vesemir/core'
import type { Purpose } from '@vesemir/machines/remote-shell'
import { addAbortListener } from 'node:events'

/** A connection that nobody has asked for yet. */
interface ConnectionAhead {
  session: Promise<RemoteSession>
  /** Aborted to give up connecting. */
  connecting: AbortController
  /** Aborted when it is asked for, or lost. */
  unused: AbortController
}

/** For so long a connection waits to be used: its host may have gone to another worker. */
const unusedTimeMs = 60_000

/** Returns the shell for a purpose. */
type ShellFor = (purpose: Purpose) => RemoteShell

/**
 * Connects to hosts before their turn has come: a host whose turn it is finds its connection there. One that failed or was
 * lost meanwhile is opened again, which tells why. Each is for the purpose that it was opened for, and for no other.
 */
export class ConnectionsAhead implements AsyncDisposable {
  readonly #shellFor: ShellFor
  readonly #clock: Clock
  readonly #connections = new Map<string, ConnectionAhead>()

  constructor(shellFor: ShellFor, clock: Clock) {
    this.#shellFor = shellFor
    this.#clock = clock
  }

  prepare(target: HostTarget, purpose: Purpose): void {
    const key = keyOf(target, purpose)
    if (this.#connections.has(key)) return
    const connecting = new AbortController()
    const unused = new AbortController()
    const session = this.#shellFor(purpose).connect(target, connecting.signal)
    const forget = () => {
      unused.abort(isOver)
      this.#connections.delete(key)
    }
    this.#connections.set(key, { session, connecting, unused })
    session.then(({ closed }) => closed.then(() => !unused.signal.aborted && forget()), forget)
    void this.#closeUnused(key, unused.signal)
  }

  /** Returns a shell that uses the connections opened ahead for a purpose. */
  for(purpose: Purpose): RemoteShell {
    return {
      connect: async (target, signal) => {
        const ahead = this.#take(keyOf(target, purpose))
        if (!ahead) return this.#shellFor(purpose).connect(target, signal)
        using _listening = signal && addAbortListener(signal, () => ahead.connecting.abort(signal.reason))
        try {
          return await ahead.session
        } catch {
          return await this.#shellFor(purpose).connect(target, signal)
        }
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#connections.keys()].map((key) => this.#close(key)))
  }

  #take(key: string): ConnectionAhead | undefined {
    const ahead = this.#connections.get(key)
    ahead?.unused.abort(isOver)
    this.#connections.delete(key)
    return ahead
  }

  async #closeUnused(key: string, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(unusedTimeMs, signal).catch(() => {})
    if (!signal.aborted) await this.#close(key)
  }

  async #close(key: string): Promise<void> {
    const ahead = this.#take(key)
    ahead?.connecting.abort(new Error('the connection is no longer needed'))
    const session = await ahead?.session.catch(() => undefined)
    await session?.[Symbol.asyncDispose]()
  }
}

function keyOf(target: HostTarget, purpose: Purpose): string {
  return JSON.stringify([target, purpose])
}
