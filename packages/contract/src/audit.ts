import { z } from 'zod'
import { Grant } from './grant.ts'
import { Name, RequestId, Timestamp } from './primitives.ts'

/** What an entry is about. */
export const AuditSubject = z.object({
  application: z.string().optional(),
  team: z.string().optional(),
  environment: z.string().optional(),
  cluster: z.string().optional(),
  deployment: z.string().optional(),
})
export type AuditSubject = z.infer<typeof AuditSubject>

/** Something that somebody did, or was refused. Nothing in it is a secret. */
export const AuditFact = z.object({
  who: z.string().meta({ description: 'The person; empty where nobody signed in.' }),
  token: z.string().optional().meta({ description: 'The name of the token that they used, if it is one of theirs.' }),
  address: z.string().optional().meta({ description: 'Where the request came from; absent when no request did.' }),
  request: RequestId.optional(),
  action: z.string().meta({ description: 'An operation of the API, such as createDeployment, or queue:retry.' }),
  outcome: z.enum(['succeeded', 'refused', 'failed']),
  code: z.string().optional().meta({ description: 'Why it was refused or failed.' }),
  subject: AuditSubject.optional(),
  grant: Grant.optional().meta({ description: 'The grant that allowed it.' }),
  before: z.unknown().optional().meta({ description: 'What was so before, as JSON.' }),
  after: z.unknown().optional().meta({ description: 'What is asked for, or so now.' }),
})
export type AuditFact = z.infer<typeof AuditFact>

/** A fact with its place in the chain: `hash` covers the entry and the hash of the one before. */
export const AuditEntry = z.object({ seq: z.int(), at: Timestamp, ...AuditFact.shape, hash: z.string() })
export type AuditEntry = z.infer<typeof AuditEntry>

/** The action of the entry that says which were removed. */
export const auditRemovalAction = 'removeAuditEntries'

/** What that entry says: the last that was removed, and its hash, which the first that is left follows. */
export const AuditRemoval = z.object({ removedTo: z.int(), hash: z.string() })
export type AuditRemoval = z.infer<typeof AuditRemoval>

export const AuditQuery = z.strictObject({
  who: z.string().min(1).max(200).optional(),
  action: z.string().min(1).max(100).optional(),
  application: Name.optional(),
  since: Timestamp.optional(),
  until: Timestamp.optional(),
  before: z.coerce.number().int().min(1).optional().meta({
    description: 'Entries older than this one: the next of the page before.',
  }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export type AuditQuery = z.infer<typeof AuditQuery>

export const AuditPage = z.object({
  entries: z.array(AuditEntry),
  next: z.int().optional().meta({ description: 'Give it as `before` for older entries; absent at the first one.' }),
})
export type AuditPage = z.infer<typeof AuditPage>

/** Whether the audit log is whole. */
export const AuditVerification = z.object({
  entries: z.int(),
  head: z.string().optional().meta({ description: 'The hash of the last entry: keep it to compare with later.' }),
  problems: z.array(z.object({ seq: z.int(), problem: z.string() })).meta({ description: 'The first ten.' }),
})
export type AuditVerification = z.infer<typeof AuditVerification>
