import { createHash } from 'node:crypto'
import { AuditEntry, type AuditFact, type AuditVerification } from '@vesemir/contract'
import { VesemirError, type Clock } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { defineScript } from '../redis/define-script.ts'
import { readEach, readJson, type OnInvalid } from '../redis/read-json.ts'

/** What people did and were refused: entries are only added, and each carries the hash of all before it. */
export interface AuditLog {
  append(fact: AuditFact): Promise<AuditEntry>
  /** Reads entries older than `before`, newest first; from the newest without it. */
  read(options: { before?: number | undefined; limit: number }): Promise<AuditEntry[]>
  /** Reads all of it and recomputes every hash. */
  verify(): Promise<AuditVerification>
}

interface Options {
  clock: Pick<Clock, 'now'>
  prefix?: string | undefined
  onInvalid?: OnInvalid
}

interface Head {
  seq: number
  hash: string
}

/** Fields in the order in which they were written; a stranger can have written others. */
type Row = [id: string, fields: [name: string, json: string, name?: string, hash?: string]]

const pageSize = 1000
const mostProblems = 10
/** Other processes come in between now and then; a head that no number can follow always does. */
const mostTries = 100

/** Keeps the audit log in a stream of Redis, whose ids are the numbers of the entries. */
export function createAuditLog(
  redis: RedisClient,
  { clock, prefix = 'vesemir', onInvalid = () => {} }: Options,
): AuditLog {
  const key = `${prefix}:audit`
  const append = defineScript<null | [string, string]>(redis, {
    name: 'vesemirAppendAudit',
    files: [new URL('./append.lua', import.meta.url)],
  })
  let head: Head = { seq: 0, hash: '' }
  const appendNext = async (fact: AuditFact): Promise<AuditEntry> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const content = { seq: head.seq + 1, at: new Date(clock.now()).toISOString(), ...fact }
      const json = JSON.stringify(content)
      const hash = hashOf(head.hash, json)
      const later = await append([key], [content.seq, json, hash, head.seq, head.hash])
      if (later) {
        // Another process has added to it since.
        head = { seq: Number(later[0]), hash: later[1] }
        continue
      }
      head = { seq: content.seq, hash }
      return { ...content, hash }
    }
    throw new VesemirError('RECORD_INVALID', `the audit log in Redis cannot be added to after entry ${head.seq}`)
  }
  let before: Promise<unknown> = Promise.resolve()
  return {
    append(fact) {
      // One after another: of many that begin at the same head, all but one would have to try again.
      const entry = before.then(() => appendNext(fact))
      before = entry.catch(() => {})
      return entry
    },
    async read({ before, limit }) {
      const from = before === undefined ? '+' : `(${before}-0`
      const rows = (await redis.xrevrange(key, from, '-', 'COUNT', limit)) as Row[]
      return readEach(rows, { read: toEntry, onInvalid })
    },
    verify: () => verify(redis, key),
  }
}

function toEntry([id, [, json, , hash = '']]: Row): AuditEntry {
  return { ...readJson(AuditEntry.omit({ hash: true }), json, `audit entry ${id}`), hash }
}

/** The hash of an entry, which stands for all before it too. */
function hashOf(previous: string, json: string): string {
  return createHash('sha256').update(`${previous}\n${json}`).digest('hex')
}

async function verify(redis: RedisClient, key: string): Promise<AuditVerification> {
  const problems: AuditVerification['problems'] = []
  let [entries, last]: [number, Head] = [0, { seq: 0, hash: '' }]
  for (let from = '-'; ;) {
    const rows = (await redis.xrange(key, from, '+', 'COUNT', pageSize)) as Row[]
    for (const row of rows) {
      problems.push(...problemsOf(row, last))
      last = { seq: seqOf(row[0]), hash: row[1][3] ?? '' }
    }
    entries += rows.length
    if (rows.length < pageSize) break
    from = `(${last.seq}-0`
  }
  const newest = await newestSeq(redis, key)
  if (newest > last.seq) problems.push({ seq: last.seq + 1, problem: `${missing(last.seq, newest + 1)} at the end` })
  return { entries, ...(last.seq > 0 ? { head: last.hash } : {}), problems: problems.slice(0, mostProblems) }
}

function* problemsOf([id, [, json, , hash]]: Row, before: Head): Generator<AuditVerification['problems'][number]> {
  const seq = seqOf(id)
  if (seq !== before.seq + 1) yield { seq, problem: `${missing(before.seq, seq)} before it` }
  else if (hash !== hashOf(before.hash, json)) yield { seq, problem: 'was changed, or the one before it' }
}

function missing(before: number, after: number): string {
  const count = after - before - 1
  return `${count} ${count === 1 ? 'entry is' : 'entries are'} missing`
}

function seqOf(id: string): number {
  return Number(id.split('-')[0])
}

/** The number of the entry that was added last, which Redis keeps when that is deleted. */
async function newestSeq(redis: RedisClient, key: string): Promise<number> {
  if (!(await redis.exists(key))) return 0
  const info = (await redis.xinfo('STREAM', key)) as unknown[]
  return seqOf(String(info[info.indexOf('last-generated-id') + 1]))
}
