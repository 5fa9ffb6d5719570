import type { LogEntry, LogStore } from './log-store.ts'
import { plainText } from './plain-text.ts'

export interface LogFilter {
  /** Only lines of this host. */
  host: string | undefined
  /** Only lines of this task. */
  task?: string | undefined
  /** Marks lines that hold this text, in whatever case. */
  search: string
}

/**
 * The lines of a log that are shown, and those among them that a search finds. It looks at each line once: `update` takes
 * in what was added since.
 */
export class LogView {
  /** The numbers of the lines shown, growing. */
  readonly shown: number[] = []
  /** Places in `shown` of the lines that the search finds. */
  readonly found: number[] = []
  /** The place in `shown` of the first line that tells of a failure. */
  firstFailure: number | undefined
  readonly #log: LogStore
  readonly #host: string | undefined
  readonly #task: string | undefined
  readonly #search: string
  #next: number
  readonly #first: number

  constructor(log: LogStore, { host, task, search }: LogFilter) {
    this.#log = log
    this.#host = host
    this.#task = task
    this.#search = search.toLowerCase()
    this.#first = log.first
    this.#next = log.first
    this.update()
  }

  /** Whether lines that were shown have gone since, so that a new view is needed. */
  get isStale(): boolean {
    return this.#log.first !== this.#first
  }

  /** Finds the place of a line, by its number. */
  subjectOf(number: number): number | undefined {
    let [low, high] = [0, this.shown.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.shown[middle]! < number) low = middle + 1
      else high = middle
    }
    return this.shown[low] === number ? low : undefined
  }

  /** Takes in the lines that were added since. */
  update(): void {
    for (; this.#next < this.#log.end; this.#next += 1) {
      const entry = this.#log.at(this.#next)
      if (entry && this.#isShown(entry)) this.#show(entry, this.#next)
    }
  }

  #isShown({ host, task, kind }: LogEntry): boolean {
    if (kind === 'gap') return true
    return (this.#host === undefined || host === this.#host) && (this.#task === undefined || task === this.#task)
  }

  #show(entry: LogEntry, number: number): void {
    const place = this.shown.push(number) - 1
    if (this.#search !== '' && plainText(entry.text).toLowerCase().includes(this.#search)) this.found.push(place)
    if (entry.kind === 'failure') this.firstFailure ??= place
  }
}
