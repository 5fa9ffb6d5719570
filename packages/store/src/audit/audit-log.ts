import { auditRemovalAction, type AuditEntry, type AuditFact, type AuditVerification } from '@vesemir/contract'
import { VesemirError, type Clock } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { defineScript } from '../redis/define-script.ts'
import { inBatches } from '../redis/in-batches.ts'
import { readEach, type OnInvalid } from '../redis/read-json.ts'
import { findLastBefore, hashOf, toEntry, verifyChain, type Head, type Row } from './audit-chain.ts'

/** What people did and were refused: entries are only added, and each carries the hash of all before it. */
export interface AuditLog {
  append(fact: AuditFact): Promise<AuditEntry>
  /** Reads entries older than `before`, newest first; from the newest without it. */
  read(options: { before?: number | undefined; limit: number }): Promise<AuditEntry[]>
  /**
   * Removes what is older than a time, in ms since 1970, and returns the entry that says so; undefined where nothing is. Nothing is
   * removed from where something is missing or changed on: `verify` goes on telling of it.
   */
  removeBefore(timeMs: number): Promise<AuditEntry | undefined>
  /** Reads all of it and recomputes every hash. */
  verify(): Promise<AuditVerification>
}

interface Options {
  clock: Pick<Clock, 'now'>
  prefix?: string | undefined
  onInvalid?: OnInvalid
}

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
  const appendNext = async (facts: readonly AuditFact[]): Promise<AuditEntry[]> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const links = linkAll(head, facts, clock)
      const later = await append(
        [key],
        [head.seq, head.hash, ...links.flatMap(({ seq, json, hash }) => [seq, json, hash])],
      )
      if (later) {
        // Another process has added to it since.
        head = { seq: Number(later[0]), hash: later[1] }
        continue
      }
      const { seq, hash } = links.at(-1)!
      head = { seq, hash }
      return links.map(({ content, hash }) => ({ ...content, hash }))
    }
    throw new VesemirError('RECORD_INVALID', `the audit log in Redis cannot be added to after entry ${head.seq}`)
  }
  // One batch after another: of many that begin at the same head, all but one would have to try again.
  const appendInTurn = inBatches(appendNext)
  return {
    append: appendInTurn,
    async read({ before, limit }) {
      const from = before === undefined ? '+' : `(${before}-0`
      const rows = (await redis.xrevrange(key, from, '-', 'COUNT', limit)) as Row[]
      return readEach(rows, { read: toEntry, onInvalid })
    },
    async removeBefore(timeMs) {
      const last = await findLastBefore(redis, { key, timeMs })
      if (!last) return undefined
      // First the entry: that something was removed, of which no entry tells, would be a fault found by `verify`.
      const entry = await appendInTurn({ who: '', action: auditRemovalAction, outcome: 'succeeded', after: last })
      await redis.xtrim(key, 'MINID', `${last.removedTo + 1}-0`)
      return entry
    },
    verify: () => verifyChain(redis, key),
  }
}

/** What is added after an entry, each linked to the one before. */
function linkAll(head: Head, facts: readonly AuditFact[], clock: Pick<Clock, 'now'>) {
  let last = head
  return facts.map((fact) => {
    const content = { seq: last.seq + 1, at: new Date(clock.now()).toISOString(), ...fact }
    const json = JSON.stringify(content)
    last = { seq: content.seq, hash: hashOf(last.hash, json) }
    return { content, json, ...last }
  })
}
