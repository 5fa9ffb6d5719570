import type { Clock } from '@vesemir/core'
import { orAborted } from './or-aborted.ts'

interface Watcher {
  noticeMs: number
  tell: () => void
}

/**
 * Looks for reloads of one box, for all who watch it together: as often as the most impatient of them wants, and only while
 * somebody does. HAProxy tells nobody of a reload; that another worker answers shows it.
 */
export class ReloadWatch {
  readonly #readWorker: () => Promise<string>
  readonly #clock: Clock
  readonly #watchers = new Set<Watcher>()
  #isLooking = false

  /** `readWorker` gives what names the worker in charge. */
  constructor(readWorker: () => Promise<string>, clock: Clock) {
    this.#readWorker = readWorker
    this.#clock = clock
  }

  /** Settles when another worker has come into charge since the call; rejects only when the signal is aborted. */
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
    for (let known: string | undefined; this.#watchers.size > 0;) {
      const worker = await this.#readWorker().catch(() => undefined)
      if (known !== undefined && worker !== undefined && worker !== known) this.#tellAll()
      known = worker ?? known
      await this.#clock.sleep(Math.min(longestPauseMs, ...[...this.#watchers].map(({ noticeMs }) => noticeMs)))
    }
    this.#isLooking = false
  }

  #tellAll(): void {
    for (const { tell } of this.#watchers) tell()
  }
}

/** The pause when nobody watches any more: whoever comes back meanwhile finds the look going on. */
const longestPauseMs = 250
