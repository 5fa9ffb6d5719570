import type { AuditEntry } from '@vesemir/contract'
import { toned } from '@vesemir/words'
import { exitCodes } from '../exit-codes.ts'
import { jsonDocument, jsonLine } from '../render/json.ts'
import { auditLines } from '../render/lists.ts'
import type { Session } from '../session.ts'
import { toTimestamp } from './to-timestamp.ts'

/** Which entries are meant. */
export interface AuditOptions {
  who?: string
  action?: string
  application?: string
  since?: string
  until?: string
}

/** Lists the newest entries that the caller may see. */
export async function listAudit(
  { limit, ...options }: AuditOptions & { limit: string },
  { client, json, write, print, notify }: Session,
): Promise<number> {
  const page = await client.listAudit({ ...toQuery(options), limit: Number(limit) })
  if (json) write(jsonDocument(page))
  else if (page.entries.length === 0) notify(['No entries found'])
  else auditLines(page.entries).forEach(print)
  return exitCodes.succeeded
}

/** Verifies the log, and ends as failed when it is not whole. */
export async function verifyAudit({ client, json, write, print }: Session): Promise<number> {
  const result = await client.verifyAudit()
  const { entries, head, problems } = result
  if (json) write(jsonDocument(result))
  else if (problems.length === 0)
    print([toned('ok', 'good'), `: ${entries} entries${head === undefined ? '' : `, head ${head}`}`])
  else for (const { seq, problem } of problems) print([toned('entry', 'bad'), ` ${seq}: ${problem}`])
  return problems.length === 0 ? exitCodes.succeeded : exitCodes.failed
}

/** Prints all entries that are meant, oldest first, each as a line of JSON. */
export async function exportAudit(options: AuditOptions, { client, write }: Session): Promise<number> {
  const entries: AuditEntry[] = []
  let before: number | undefined
  do {
    const page = await client.listAudit({
      ...toQuery(options),
      limit: 500,
      ...(before === undefined ? {} : { before }),
    })
    entries.push(...page.entries)
    before = page.next
  } while (before !== undefined)
  for (const entry of entries.toReversed()) write(jsonLine(entry))
  return exitCodes.succeeded
}

function toQuery({ since, until, ...filters }: AuditOptions) {
  return {
    ...filters,
    ...(since === undefined ? {} : { since: toTimestamp('--since', since) }),
    ...(until === undefined ? {} : { until: toTimestamp('--until', until) }),
  }
}
