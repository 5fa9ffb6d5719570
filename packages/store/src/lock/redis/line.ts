import { isOver, type Clock, type Deadline } from '@vesemir/core'

/** How long a lock may be waited for. */
export interface Patience {
  deadline: Deadline
  signal: AbortSignal | undefined
}

/**
 * Lets those of one process who want the same lock wait for each other, in the order in which they came. Only the first
 * asks Redis: where each lock that came free woke them all, all but one asked in vain.
 */
export class Line {
  readonly #clock: Clock
  /** For each lock, what settles when all who came so far have left. */
  readonly #lasts = new Map<string, Promise<unknown>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Gives a place, which keeps the others waiting until it is disposed of; nothing when those before did not leave in time. */
  async enter(key: string, patience: Patience): Promise<Disposable | undefined> {
    const before = this.#lasts.get(key)
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    const last = before ? Promise.all([before, left]) : left
    this.#lasts.set(key, last)
    void last.then(() => {
      if (this.#lasts.get(key) === last) this.#lasts.delete(key)
    })
    let isFirst = false
    try {
      isFirst = !before || (await this.#isOver(before, patience))
    } finally {
      if (!isFirst) leave()
    }
    return isFirst ? { [Symbol.dispose]: leave } : undefined
  }

  async #isOver(before: Promise<unknown>, { deadline, signal }: Patience): Promise<boolean> {
    const over = new AbortController()
    const signals = signal ? [signal, over.signal] : [over.signal]
    const tooLate = this.#clock.sleep(deadline.leftMs(), AbortSignal.any(signals))
    try {
      return await Promise.race([before.then(() => true), tooLate.then(() => false)])
    } finally {
      over.abort(isOver)
    }
  }
}
