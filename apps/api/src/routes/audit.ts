import type { AuditEntry, AuditPage, AuditQuery, Session } from '@vesemir/contract'
import { findGrant, VesemirError } from '@vesemir/core'
import type { AuditLog } from '@vesemir/store/audit'
import type { FastifyInstance } from 'fastify'
import { registerRoute } from '../register-route.ts'

/** Adds the routes that read the audit log. */
export function registerAudit(app: FastifyInstance, { auditLog }: { auditLog: AuditLog }): void {
  registerRoute(app, 'listAudit', {
    access: 'signed-in',
    handle: ({ query, request: { caller } }) => readPage(auditLog, { query, caller }),
  })
  registerRoute(app, 'verifyAudit', {
    access: () => [
      { action: 'audit', subject: {}, unseen: () => new VesemirError('FORBIDDEN', 'only an admin of everything may') },
    ],
    handle: () => auditLog.verify(),
  })
}

const readAtOnce = 500
/** A page ends after so many entries that are not wanted: it says where the next begins. */
const mostRead = 20_000

async function readPage(
  log: Pick<AuditLog, 'read'>,
  { query, caller }: { query: AuditQuery; caller: Session },
): Promise<AuditPage> {
  const entries: AuditEntry[] = []
  let { before } = query
  for (let read = 0; read < mostRead; read += readAtOnce) {
    const page = await log.read({ before, limit: readAtOnce })
    for (const entry of page) {
      if (query.since !== undefined && entry.at < query.since) return { entries }
      before = entry.seq
      if (isWanted(entry, query) && isVisible(entry, caller)) entries.push(entry)
      if (entries.length === query.limit) return { entries, next: before }
    }
    if (page.length < readAtOnce) return { entries }
  }
  return { entries, ...(before === undefined ? {} : { next: before }) }
}

function isWanted({ who, action, subject, at }: AuditEntry, query: AuditQuery): boolean {
  return (
    (query.who === undefined || who === query.who) &&
    (query.action === undefined || action === query.action) &&
    (query.until === undefined || at <= query.until) &&
    (query.application === undefined || subject?.application === query.application)
  )
}

/**
 * An admin of everything sees all; others what is about an application that they may read, and what they did besides, which is not for
 * their tokens. What they tried on another's would tell them that it exists.
 */
function isVisible({ who, subject }: AuditEntry, { name, grants, token }: Session): boolean {
  if (findGrant(grants, 'audit', {})) return true
  if (subject?.application === undefined) return who === name && token === undefined
  return findGrant(grants, 'read', subject) !== undefined
}
