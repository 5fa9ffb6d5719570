import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../ports/clock.ts'

interface Sleeper {
  atMs: number
  wake: () => void
}

const dayMs = 24 * 3_600_000

/** A clock whose time passes only while everybody sleeps: hours of waiting run in milliseconds, the same each time. */
export class FakeClock implements Clock {
  #elapsedMs = 0
  #aheadMs = Date.parse('2026-01-01T00:00:00.000Z')
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#aheadMs + this.#elapsedMs
  }

  /** The time that has passed, which no step changes. */
  get elapsedMs(): number {
    return this.#elapsedMs
  }

  startStopwatch(): () => number {
    const startedMs = this.#elapsedMs
    return () => this.#elapsedMs - startedMs
  }

  /** As when somebody sets the time of day. */
  step(byMs: number): void {
    this.#aheadMs += byMs
  }

  /** The clock of another machine, whose time of day is ahead by so much. */
  ahead(byMs: number): Clock {
    return {
      now: () => this.now() + byMs,
      startStopwatch: () => this.startStopwatch(),
      sleep: (ms, signal) => this.sleep(ms, signal),
      every: this.every,
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const wake = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const sleeper = { atMs: this.#elapsedMs + ms, wake }
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal!.reason as Error)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#sleepers.push(sleeper)
    })
  }

  every: Clock['every'] = (ms, task, soon) => {
    const over = new AbortController()
    const repeat = async () => {
      while (!over.signal.aborted) {
        const next = new AbortController()
        const signal = AbortSignal.any([over.signal, next.signal])
        await Promise.race([this.sleep(ms, signal), soon(signal)]).catch(() => {})
        next.abort()
        if (!over.signal.aborted) await task(over.signal).catch(() => {})
      }
    }
    const repeating = repeat()
    return {
      [Symbol.asyncDispose]: async () => {
        over.abort()
        await repeating
      },
    }
  }

  /** Lets time pass until the task is done. */
  async run<Result>(task: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = () => (isDone = true)
    task.then(done, done)
    for (;;) {
      await setImmediate()
      if (isDone) return task
      this.#wakeNext()
    }
  }

  #wakeNext(): void {
    const next = this.#sleepers.reduce<Sleeper | undefined>(
      (first, sleeper) => (first && first.atMs <= sleeper.atMs ? first : sleeper),
      undefined,
    )
    if (!next) throw new Error('everybody waits, and nobody sleeps: the task can never end')
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next)
    this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs)
    if (this.#elapsedMs > dayMs) throw new Error('a day went by, and the task has not ended')
    next.wake()
  }
}
