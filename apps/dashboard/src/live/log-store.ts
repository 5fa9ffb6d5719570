import type { DeploymentEvent, StepName, TrimmedNotice } from '@vesemir/contract'
import { tellEvent } from '../words/events.ts'

/** A line of a deployment's log: output of a host, or what happened, told in words. */
export interface LogEntry {
  /** Names the line for ever: the number of its event, and its place among the event's lines. */
  readonly id: string
  readonly at: string
  readonly host: string | undefined
  readonly step: StepName | undefined
  readonly kind: 'stdout' | 'stderr' | 'fact' | 'failure' | 'gap'
  readonly text: string
}

/** The most lines that are kept; when there are more, the oldest go, a tenth at a time. */
const mostLines = 300_000

/**
 * Keeps the lines of a log, outside React: they come by the thousand. Lines are counted from 0 on, those that went included,
 * so that a line's number stays what it is.
 */
export class LogStore {
  #entries: LogEntry[] = []
  #first = 0
  readonly #limit: number

  constructor({ limit = mostLines }: { limit?: number } = {}) {
    this.#limit = limit
  }

  /** The number of the oldest line that is kept. */
  get first(): number {
    return this.#first
  }

  /** The number that the next line will have. */
  get end(): number {
    return this.#first + this.#entries.length
  }

  at(number: number): LogEntry | undefined {
    return this.#entries[number - this.#first]
  }

  /** Adds what an event has for the log, at its end. */
  add(item: DeploymentEvent | TrimmedNotice): void {
    for (const entry of entriesOf(item)) this.#push(entry)
  }

  /** Finds a line by its name; the names grow. */
  find(id: string): number | undefined {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(this.#entries[middle]!.id, id)) low = middle + 1
      else high = middle
    }
    return this.#entries[low]?.id === id ? this.#first + low : undefined
  }

  #push(entry: LogEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length <= this.#limit) return
    const gone = Math.ceil(this.#limit / 10)
    this.#entries.splice(0, gone)
    this.#first += gone
  }
}

function isBefore(a: string, b: string): boolean {
  const [seqA, lineA] = placeOf(a)
  const [seqB, lineB] = placeOf(b)
  return seqA < seqB || (seqA === seqB && lineA < lineB)
}

function placeOf(id: string): [seq: number, line: number] {
  const [seq = 0, line = 0] = id.split('-').map(Number)
  return [seq, line]
}

function entriesOf(item: DeploymentEvent | TrimmedNotice): LogEntry[] {
  if ('kind' in item) return [gap(item)]
  const place = {
    at: item.at,
    host: 'host' in item ? item.host : undefined,
    step: 'step' in item ? item.step : undefined,
  }
  if (item.type === 'log.appended')
    return item.lines.map(({ stream, text }, index) => ({ id: `${item.seq}-${index}`, ...place, kind: stream, text }))
  const told = tellEvent(item)
  return told ? [{ id: `${item.seq}-0`, ...place, ...told }] : []
}

function gap({ from, to }: TrimmedNotice): LogEntry {
  const text = `The log was longer than what is kept: the output of events ${from} to ${to} is gone.`
  return { id: `${from}-0`, at: '', host: undefined, step: undefined, kind: 'gap', text }
}
