import type { Clock } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'

/** A box whose processes have names. */
interface WatchedBox {
  /** The name of the process that answered last; '' before the first. */
  readonly lastProcess: string
  /** Returns how long ago that was, in milliseconds. */
  sinceHeardMs(): number
  /** Returns the name of the process in charge. */
  readProcess(): Promise<string>
}

interface Watcher {
  noticeMs: number
  tell: () => void
}

/**
 * Looks for reloads of one box, for all who watch it together: as often as the most impatient of them wants, and only while
 * somebody does. HAProxy tells nobody of a reload; that another process answers shows it, whatever it was asked: for this alone it is
 * asked only when nothing was heard of it for that long.
 */
export class ReloadWatch {
  readonly #box: WatchedBox
  readonly #clock: Clock
  readonly #watchers = new Set<Watcher>()
  #isLooking = false

  constructor(box: WatchedBox, clock: Clock) {
    this.#box = box
    this.#clock = clock
  }

  /** Settles when another process has come into charge since the call; rejects only when the signal is aborted. */
  async untilReloaded({ noticeMs, signal }: { noticeMs: number; signal: AbortSignal }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const watcher = { noticeMs, tell: resolve }
    this.#watchers.add(watcher)
    if (!this.#isLooking) void this.#look()
    try {
      await orAborted(promise, signal)
    } finally {
      this.#watchers.delete(watcher)
    }
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    // The one that was asked last: the first answer may be of the next already.
    for (let known = this.#box.lastProcess; this.#watchers.size > 0;) {
      const pauseMs = Math.min(longestPauseMs, ...[...this.#watchers].map(({ noticeMs }) => noticeMs))
      const isSilent = this.#box.sinceHeardMs() >= pauseMs
      const process = isSilent ? await this.#box.readProcess().catch(() => undefined) : this.#box.lastProcess
      if (known !== '' && process !== undefined && process !== known) this.#tellAll()
      known = process ?? known
      const heardMs = this.#box.sinceHeardMs()
      await this.#clock.sleep(heardMs < pauseMs ? pauseMs - heardMs : pauseMs)
    }
    this.#isLooking = false
  }

  #tellAll(): void {
    for (const { tell } of this.#watchers) tell()
  }
}

/** The pause when nobody watches any more: whoever comes back meanwhile finds the look going on. */
const longestPauseMs = 250
