import type { DeploymentEvent, DeploymentView, RestoredNotice, StepName, TrimmedNotice } from '@vesemir/contract'
import { locateEvent } from '@vesemir/core'
import { describeEvent, toPlainText } from '@vesemir/words'

/** A line of a deployment's log: output of a host or a task, or an event in words. */
export interface LogEntry {
  /** Names the line for ever: the number of its event, and its place among the event's lines. */
  readonly id: string
  readonly at: string
  readonly host: string | undefined
  readonly step: StepName | undefined
  readonly task: string | undefined
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
  readonly #timeZone: string | undefined

  constructor({ limit = mostLines, timeZone }: { limit?: number; timeZone?: string } = {}) {
    this.#limit = limit
    this.#timeZone = timeZone
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

  /** Adds what an event has for the log, at its end. `view` is the deployment with the event in it. */
  add(event: DeploymentEvent, view: DeploymentView): void {
    for (const entry of entriesOf(event, view, this.#timeZone)) this.#push(entry)
  }

  /** Adds a line for what was trimmed. */
  addGap(notice: TrimmedNotice): void {
    this.#push(gap(notice))
  }

  /** Takes out the lines of events that Redis has lost, and adds one that says so. */
  restore({ after }: RestoredNotice): void {
    this.#entries.length = this.#placeOf(`${after + 1}-0`)
    const text = `The record was restored: Redis lost the events after ${after}. It continues from there.`
    this.#push({
      id: `${after}-${Number.MAX_SAFE_INTEGER}`,
      at: '',
      host: undefined,
      step: undefined,
      task: undefined,
      kind: 'gap',
      text,
    })
  }

  /** Finds a line by its name; the names grow. */
  find(id: string): number | undefined {
    const place = this.#placeOf(id)
    return this.#entries[place]?.id === id ? this.#first + place : undefined
  }

  /** Returns the index of the first kept line that is not before this one. */
  #placeOf(id: string): number {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(this.#entries[middle]!.id, id)) low = middle + 1
      else high = middle
    }
    return low
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
  const [seqA, lineA] = subjectOf(a)
  const [seqB, lineB] = subjectOf(b)
  return seqA < seqB || (seqA === seqB && lineA < lineB)
}

function subjectOf(id: string): [seq: number, line: number] {
  const [seq = 0, line = 0] = id.split('-').map(Number)
  return [seq, line]
}

function entriesOf(event: DeploymentEvent, view: DeploymentView, timeZone: string | undefined): LogEntry[] {
  const { host, step, task } = locateEvent(event, view)
  const place = { at: event.at, host, step, task }
  if (event.type === 'log.appended' || event.type === 'task.logged')
    return event.lines.map(({ stream, text }, index) => ({ id: `${event.seq}-${index}`, ...place, kind: stream, text }))
  const description = isShownByGrid(event) ? undefined : describeEvent(event, view, { timeZone })
  if (!description) return []
  const { sentence } = description
  const isBad = sentence.some((part) => typeof part !== 'string' && part.tone === 'bad')
  return [{ id: `${event.seq}-0`, ...place, kind: isBad ? 'failure' : 'fact', text: toPlainText(sentence) }]
}

/** The grid shows which step a host is in, and the boxes their servers, better than a line for each change would. */
function isShownByGrid({ type }: DeploymentEvent): boolean {
  return type === 'step.started' || type === 'servers.seen'
}

function gap({ from, to }: TrimmedNotice): LogEntry {
  const text = `Output of events ${from} to ${to} was trimmed: the log is longer than what is kept.`
  return { id: `${from}-0`, at: '', host: undefined, step: undefined, task: undefined, kind: 'gap', text }
}
