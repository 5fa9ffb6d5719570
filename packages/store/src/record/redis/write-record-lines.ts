import { VesemirError } from '@vesemir/core'
import { softwareVersion } from '@vesemir/process/version'
import { textOf } from '../../seal/seal.ts'
import { fields } from './keys.ts'
import { lineFormat, type Head, type Line } from './record-line.ts'
import type { Entry } from './scripts.ts'
import { readRow, rowFields, timestamp, type Store } from './store.ts'

/**
 * Yields all that is kept of a deployment, with its events and its output, as lines of JSON. Nothing where there is no such
 * deployment.
 */
export async function* writeRecordLines(store: Store, id: string): AsyncGenerator<string> {
  const { redis, keys, clock } = store
  const kept = await redis.hgetall(keys.record(id))
  const deployment = readRow(
    store,
    id,
    rowFields.map((name) => kept[name] ?? null),
  )
  if (!deployment) return
  const cursor = Number(kept[fields.seq])
  const head: Head = {
    kind: 'deployment',
    format: lineFormat,
    version: softwareVersion,
    archivedAt: timestamp(clock),
    cursor,
    deployment,
  }
  yield JSON.stringify(head)
  let lines = 1
  for (const [name, value] of Object.entries(kept)) {
    yield JSON.stringify({ kind: 'field', name, value } satisfies Line)
    lines += 1
  }
  for await (const [number, [, sealed]] of readAllEntries(store, id)) {
    yield writeEvent(Number.parseInt(number), sealed!)
    lines += 1
  }
  // Streams of a record that is removed meanwhile are empty: such a file would be whole in form alone.
  if ((await redis.hget(keys.record(id), fields.seq)) !== kept[fields.seq])
    throw new VesemirError('ARCHIVE_FAILED', `the record of ${id} changed while it was archived`)
  yield JSON.stringify({ kind: 'end', lines } satisfies Line)
}

/** The text of an event is signed to the byte: where it is not what JSON.stringify makes of it, it is kept as a text. */
function writeEvent(seq: number, sealed: string): string {
  const text = textOf(sealed)
  const seal = sealed.slice(text.length + 1)
  if (isPlainJson(text))
    return `{"kind":"event","seq":${seq},"event":${text}${seal && `,"seal":${JSON.stringify(seal)}`}}`
  return JSON.stringify({ kind: 'text', seq, text: sealed } satisfies Line)
}

function isPlainJson(text: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === text && text.startsWith('{')
  } catch {
    return false
  }
}

const pageSize = 1000

/** Yields the entries of both streams, in the order of their numbers. */
async function* readAllEntries({ redis, keys }: Store, id: string): AsyncGenerator<Entry> {
  const read = async (key: string, after: string) => (await redis.xrange(key, after, '+', 'COUNT', pageSize)) as Entry[]
  const streams = [keys.events(id), keys.log(id)].map((key) => ({
    key,
    entries: [] as Entry[],
    next: '-',
    isRead: false,
  }))
  for (;;) {
    for (const stream of streams) {
      if (stream.entries.length > 0 || stream.isRead) continue
      stream.entries = (await read(stream.key, stream.next)).toReversed()
      stream.isRead = stream.entries.length < pageSize
      if (stream.entries.length > 0) stream.next = `(${stream.entries[0]![0]}`
    }
    const [first] = streams
      .filter(({ entries }) => entries.length > 0)
      .sort((a, b) => numberOf(a.entries) - numberOf(b.entries))
    if (!first) return
    yield first.entries.pop()!
  }
}

function numberOf(entries: readonly Entry[]): number {
  return Number.parseInt(entries.at(-1)![0])
}
