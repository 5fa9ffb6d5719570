import { isOver, VesemirError, type Clock } from '@vesemir/core'
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
export class Lease implements AsyncDisposable {
  readonly #deps: LeaseDeps
  readonly #token = randomUUID()
  readonly #done = new AbortController()
  readonly #renewing: Promise<void>
  readonly #places = new DisposableStack()
  #keys: string[] = []

  constructor(deps: LeaseDeps) {
    this.#deps = deps
    this.#renewing = this.#renew().catch(() => {})
  }

  /** @throws {VesemirError} `LOCK_HELD` when another's did not come free until then */
  async take(key: string, patience: Patience): Promise<void> {
    const { announcements, clock, line } = this.#deps
    const place = await line.enter(key, patience)
    if (!place) throw lockHeld(key)
    this.#places.use(place)
    if ((await this.#try(key)) === 0) return
    const { untilMs, signal } = patience
    using news = await announcements.listen(key)
    for (;;) {
      const { heard } = news
      const holdersMs = await this.#try(key)
      if (holdersMs === 0) return
      const leftMs = untilMs - clock.now()
      if (leftMs <= 0) throw lockHeld(key)
      await news.after(heard, { timeoutMs: Math.min(leftMs, holdersMs), signal })
    }
  }

  /** @throws {VesemirError} `LOCK_LOST` when one of the locks had run out */
  async release(): Promise<void> {
    const keys = this.#keys
    this.#keys = []
    this.#done.abort(isOver)
    await this.#renewing
    if (keys.length === 0) return
    const freed = await this.#deps.scripts.release(keys, [this.#token])
    if (freed < keys.length) throw new VesemirError('LOCK_LOST', `${keys.join(', ')} ran out while it was needed`)
  }

  /** Frees what is still held; where that fails, the locks run out by themselves. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => {})
    this.#places.dispose()
  }

  async #try(key: string): Promise<number> {
    const holdersMs = await this.#deps.scripts.take([key], [this.#token, this.#deps.lifetimeMs])
    if (holdersMs === 0) this.#keys.push(key)
    return holdersMs
  }

  /** A renewal that fails is followed by the next; whether all was well is told by the release. */
  async #renew(): Promise<void> {
    const { clock, scripts, lifetimeMs } = this.#deps
    for (;;) {
      await clock.sleep(lifetimeMs / 4, this.#done.signal)
      if (this.#keys.length > 0) await scripts.renew(this.#keys, [this.#token, lifetimeMs]).catch(() => {})
    }
  }
}

function lockHeld(key: string): VesemirError {
  return new VesemirError('LOCK_HELD', `another held ${key} all the time`)
}
