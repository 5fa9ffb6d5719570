import type { DeploymentEvent, EventPage } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { softwareVersion } from '@vesemir/process/version'
import { z } from 'zod'
import { readJson } from '../../redis/read-json.ts'
import { fields } from './keys.ts'
import type { Parts } from './read-deployment.ts'
import { findGaps, readEntry, refusePast } from './read-events.ts'
import { Head, Line, lineFormat } from './record-line.ts'
import { HostNames } from './schemas.ts'
import type { Entry } from './scripts.ts'
import { rowFields } from './store.ts'

/** A deployment as its lines have it, the output apart. */
export interface LinedRecord {
  head: Head
  fields: ReadonlyMap<string, string>
  entries: readonly Entry[]
}

/**
 * Reads the first line. @throws {VesemirError} `RECORD_INVALID`; `SCHEMA_TOO_NEW` where a newer version wrote it
 */
export function readHead(line: string, name: string): Head {
  const { format: found, version } = readJson(z.object({ format: z.int(), version: z.string() }), line, name)
  if (found <= lineFormat) return readJson(Head, line, name)
  const message = `${name} has form ${found}, of Vesemir ${version}; this is Vesemir ${softwareVersion}, which reads form ${lineFormat}`
  throw new VesemirError('SCHEMA_TOO_NEW', message)
}

/** Reads all lines. @throws {VesemirError} as `readHead`; `RECORD_INVALID` where lines are missing */
export async function readRecordLines(lines: AsyncIterable<string>, name: string): Promise<LinedRecord> {
  let head: Head | undefined
  const record = { fields: new Map<string, string>(), entries: [] as Entry[] }
  let count = 0
  for await (const text of lines) {
    if (!head) head = readHead(text, name)
    else {
      const line = readJson(Line, text, name)
      if (line.kind === 'end') {
        if (line.lines === count) return { head, ...record }
        break
      }
      if (line.kind === 'field') record.fields.set(line.name, line.value)
      else if (!isOutput(line)) record.entries.push(toEntry(line))
    }
    count += 1
  }
  throw new VesemirError('RECORD_INVALID', `${name} is not complete: lines are missing`)
}

/**
 * Reads a page of events and output after a number.
 * @throws {VesemirError} as `readHead`; `REQUEST_INVALID` for an `after` past the last event
 */
export async function readEventPage(
  lines: AsyncIterable<string>,
  { name, after, limit }: { name: string; after: number; limit: number },
): Promise<EventPage> {
  let head: Head | undefined
  const events: DeploymentEvent[] = []
  for await (const text of lines) {
    if (!head) {
      head = readHead(text, name)
      refusePast(after, head.cursor)
      continue
    }
    const line = readJson(Line, text, name)
    if ((line.kind !== 'event' && line.kind !== 'text') || line.seq <= after) continue
    if (events.length === limit) return toPage(events, { after, next: events.at(-1)!.seq, last: head.cursor })
    events.push(readEntry(head.deployment.id)(toEntry(line)))
  }
  if (!head) throw new VesemirError('RECORD_INVALID', `${name} is empty`)
  return toPage(events, { after, next: head.cursor, last: head.cursor })
}

function toPage(
  events: DeploymentEvent[],
  { after, next, last }: { after: number; next: number; last: number },
): EventPage {
  return { events, next, trimmed: findGaps(events, { after, next }), ended: next === last }
}

function isOutput(line: Line): boolean {
  return line.kind === 'event' && (line.event.type === 'log.appended' || line.event.type === 'task.logged')
}

function toEntry(line: Extract<Line, { kind: 'event' | 'text' }>): Entry {
  const id = `${line.seq}-0`
  if (line.kind === 'text') return [id, ['event', line.text]]
  const text = JSON.stringify(line.event)
  return [id, ['event', line.seal === undefined ? text : `${text}\n${line.seal}`]]
}

/** Returns what a view is made of. */
export function partsOf({ head, fields: kept }: LinedRecord): Parts {
  const names = readJson(HostNames, kept.get(fields.hostNames) ?? '[]', `the hosts of ${head.deployment.id}`)
  return {
    values: rowFields.map((name) => kept.get(name) ?? null),
    names,
    hosts: names.map((name) => Buffer.from(kept.get(fields.host(name)) ?? 'null')),
    seq: kept.get(fields.seq) ?? null,
  }
}
