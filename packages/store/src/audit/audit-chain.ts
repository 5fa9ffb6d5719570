import { createHash } from 'node:crypto'
import { AuditEntry, AuditRemoval, auditRemovalAction, type AuditVerification } from '@vesemir/contract'
import type { RedisClient } from '../redis/redis-client.ts'
import { readJson } from '../redis/read-json.ts'

/** The number and hash of an entry, which the next one follows. */
export interface Head {
  seq: number
  hash: string
}

/** Fields in the order in which they were written; a stranger can have written others. */
export type Row = [id: string, fields: [name: string, json: string, name?: string, hash?: string]]

const pageSize = 1000
const mostProblems = 10

/** Reads an entry. @throws {VesemirError} `RECORD_INVALID` when it is none */
export function toEntry([id, [, json, , hash = '']]: Row): AuditEntry {
  return { ...readJson(AuditEntry.omit({ hash: true }), json, `audit entry ${id}`), hash }
}

/** The hash of an entry, which stands for all before it too. */
export function hashOf(previous: string, json: string): string {
  return createHash('sha256').update(`${previous}\n${json}`).digest('hex')
}

/** Reads all entries and recomputes every hash. */
export async function verifyChain(redis: RedisClient, key: string): Promise<AuditVerification> {
  const problems: AuditVerification['problems'] = []
  let entries = 0
  let last = await startOf(redis, key)
  const newest = await newestSeq(redis, key)
  for await (const row of rowsOf(redis, key)) {
    problems.push(...problemsOf(row, last))
    last = headOf(row)
    entries += 1
  }
  if (newest > last.seq) problems.push({ seq: last.seq + 1, problem: `${missing(last.seq, newest + 1)} at the end` })
  return { entries, ...(last.seq > 0 ? { head: last.hash } : {}), problems: problems.slice(0, mostProblems) }
}

/** Finds the last of the entries older than a time, in ms since 1970, with nothing missing or changed up to it; never the newest one. */
export async function findLastBefore(
  redis: RedisClient,
  { key, timeMs }: { key: string; timeMs: number },
): Promise<AuditRemoval | undefined> {
  const start = await startOf(redis, key)
  let [found, last] = [start, start]
  for await (const row of rowsOf(redis, key)) {
    // Only now is there one after it.
    found = last
    if (!problemsOf(row, last).next().done || Date.parse(toEntry(row).at) >= timeMs) break
    last = headOf(row)
  }
  return found === start ? undefined : { removedTo: found.seq, hash: found.hash }
}

/** What the first entry has to follow: nothing, or what was removed, as an entry says; else it is as if nothing had been removed. */
async function startOf(redis: RedisClient, key: string): Promise<Head> {
  const first = await firstSeq(redis, key)
  if (first > 1)
    for await (const row of rowsOf(redis, key)) {
      const removal = removalOf(row)
      if (removal?.removedTo === first - 1) return { seq: removal.removedTo, hash: removal.hash }
    }
  return { seq: 0, hash: '' }
}

function removalOf([, [, json]]: Row): AuditRemoval | undefined {
  if (!json.includes(auditRemovalAction)) return undefined
  try {
    const { action, after } = JSON.parse(json) as Partial<AuditEntry>
    return action === auditRemovalAction ? AuditRemoval.safeParse(after).data : undefined
  } catch {
    return undefined
  }
}

async function* rowsOf(redis: RedisClient, key: string): AsyncGenerator<Row> {
  for (let from = '-'; ;) {
    const rows = (await redis.xrange(key, from, '+', 'COUNT', pageSize)) as Row[]
    yield* rows
    if (rows.length < pageSize) return
    from = `(${rows.at(-1)![0]}`
  }
}

function* problemsOf(row: Row, before: Head): Generator<AuditVerification['problems'][number]> {
  const { seq, hash } = headOf(row)
  if (seq !== before.seq + 1) yield { seq, problem: `${missing(before.seq, seq)} before it` }
  else if (hash !== hashOf(before.hash, row[1][1])) yield { seq, problem: 'was changed, or the one before it' }
}

function missing(before: number, after: number): string {
  const count = after - before - 1
  return `${count} ${count === 1 ? 'entry is' : 'entries are'} missing`
}

function headOf([id, [, , , hash = '']]: Row): Head {
  return { seq: seqOf(id), hash }
}

function seqOf(id: string): number {
  return Number(id.split('-')[0])
}

/** 0 where there is none. */
async function firstSeq(redis: RedisClient, key: string): Promise<number> {
  const [row] = (await redis.xrange(key, '-', '+', 'COUNT', 1)) as Row[]
  return row ? headOf(row).seq : 0
}

/** The number of the entry that was added last, which Redis keeps when that is deleted. */
async function newestSeq(redis: RedisClient, key: string): Promise<number> {
  if (!(await redis.exists(key))) return 0
  const info = (await redis.xinfo('STREAM', key)) as unknown[]
  return seqOf(String(info[info.indexOf('last-generated-id') + 1]))
}
