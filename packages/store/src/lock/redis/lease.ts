import { isOver, VesemirError, type Clock, type Lease } from '@vesemir/core'
import { randomUUID } from 'node:crypto'
import type { Announcements } from '../../redis/announcements.ts'
import type { Line, Patience } from './line.ts'
import type { LockScripts } from './scripts.ts'

export interface LeaseDeps {
  scripts: LockScripts
  announcements: Announcements
  line: Line
  clock: Clock
  /** How long a lock outlives a holder that died. */
  lifetimeMs: number
}

/** The locks that one task holds, renewed until they are given back. */
export class RedisLease implements Lease, AsyncDisposable {
  readonly #deps: LeaseDeps
  readonly #token = randomUUID()
  readonly #done = new AbortController()
  readonly #renewing: Promise<void>
  readonly #places = new DisposableStack()
  #keys: string[] = []
  /** What `confirm` has thrown, or its signal was aborted with. */
  loss: VesemirError | undefined

  constructor(deps: LeaseDeps) {
    this.#deps = deps
    this.#renewing = this.#renew().catch(() => {})
  }

  /** @throws {VesemirError} `LOCK_HELD` when another's did not come free until then */
  async take(key: string, patience: Patience): Promise<void> {
    const { announcements, line } = this.#deps
    const place = await line.enter(key, patience)
    if (!place) throw lockHeld(key)
    this.#places.use(place)
    if ((await this.#try(key)) === 0) return
    const { deadline, signal } = patience
    using news = await announcements.listen(key)
    for (;;) {
      const { heard } = news
      const holdersMs = await this.#try(key)
      if (holdersMs === 0) return
      const leftMs = deadline.leftMs()
      if (leftMs === 0) throw lockHeld(key)
      await news.after(heard, { timeoutMs: Math.min(leftMs, holdersMs), signal })
    }
  }

  async confirm(): Promise<AbortSignal> {
    const { clock, lifetimeMs } = this.#deps
    const marginMs = lifetimeMs / 4
    for (;;) {
      const elapsedMs = clock.startStopwatch()
      if (!(await this.#renewAll())) throw this.#lose()
      // An answer that was long on its way says little of what is left now.
      const answeredInMs = elapsedMs()
      if (answeredInMs <= marginMs) return this.#abortedAfter(lifetimeMs - answeredInMs - marginMs)
    }
  }

  /** Frees what is still held; where that fails, the locks run out by themselves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#done.abort(isOver)
    await this.#renewing
    await Promise.allSettled(this.#keys.map((key) => this.#deps.scripts.release([key], [this.#token])))
    this.#places.dispose()
  }

  #lose(): VesemirError {
    return (this.loss = new VesemirError('LOCK_LOST', `locks expired while held: ${this.#keys.join(', ')}`))
  }

  #abortedAfter(ms: number): AbortSignal {
    const bound = new AbortController()
    const timeOut = () => bound.abort(this.#lose())
    this.#deps.clock.sleep(ms, this.#done.signal).then(timeOut, () => {})
    return bound.signal
  }

  async #try(key: string): Promise<number> {
    const holdersMs = await this.#deps.scripts.take([key], [this.#token, this.#deps.lifetimeMs])
    if (holdersMs === 0) this.#keys.push(key)
    return holdersMs
  }

  /** A renewal that fails is followed by the next; whether all is well is told by `confirm`. */
  async #renew(): Promise<void> {
    const { clock, lifetimeMs } = this.#deps
    for (;;) {
      await clock.sleep(lifetimeMs / 4, this.#done.signal)
      await this.#renewAll().catch(() => {})
    }
  }

  /** Returns whether all are still held. One by one, since in a Redis Cluster each is in a slot of its own. */
  async #renewAll(): Promise<boolean> {
    const { scripts, lifetimeMs } = this.#deps
    const renewals = await Promise.all(this.#keys.map((key) => scripts.renew([key], [this.#token, lifetimeMs])))
    return renewals.every((renewed) => renewed === 1)
  }
}

function lockHeld(key: string): VesemirError {
  return new VesemirError('LOCK_HELD', `timed out waiting for lock ${key}`)
}
