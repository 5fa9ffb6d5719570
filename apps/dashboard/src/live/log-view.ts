import type { LogFilter } from './log-filter.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import { plainText } from './plain-text.ts'

/**
 * The lines of a log that are shown, and those among them that hold the text. It looks at each line once: `update` takes
 * in what was added since.
 */
export class LogView {
  /** The numbers of the lines shown, growing. */
  readonly shown: number[] = []
  /** Places in `shown` of the lines that hold the text. */
  readonly found: number[] = []
  /** The place in `shown` of the first line that tells of a failure. */
  firstFailure: number | undefined
  readonly #log: LogStore
  readonly #filter: LogFilter
  #next: number
  readonly #first: number

  constructor(log: LogStore, filter: LogFilter) {
    this.#log = log
    this.#filter = { ...filter, text: filter.text.toLowerCase() }
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
      if (entry && this.#isPart(entry)) this.#show(entry, this.#next)
    }
  }

  /** Whether a line is of the host, step, task and stream. What is missing may have been of any. */
  #isPart({ host, step, task, kind }: LogEntry): boolean {
    const wanted = this.#filter
    if (kind === 'gap') return true
    if (wanted.isStderrOnly && kind !== 'stderr') return false
    return isOf(wanted.host, host) && isOf(wanted.step, step) && isOf(wanted.task, task)
  }

  #show(entry: LogEntry, number: number): void {
    const { text, isMatchesOnly } = this.#filter
    const isFound = text !== '' && plainText(entry.text).toLowerCase().includes(text)
    if (isMatchesOnly && text !== '' && !isFound && entry.kind !== 'gap') return
    const place = this.shown.push(number) - 1
    if (isFound) this.found.push(place)
    if (entry.kind === 'failure') this.firstFailure ??= place
  }
}

function isOf(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual
}
