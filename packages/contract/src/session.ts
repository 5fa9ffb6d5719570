import { z } from 'zod'
import { Grant, Role } from './grant.ts'
import { Name, Timestamp } from './primitives.ts'

export const SessionRequest = z.strictObject({
  token: z.string({ error: 'is not a token' }).max(4000, { error: 'is too long for a token' }),
})

/**
 * Who asks. `expiresAt` is there for a cookie, which a request in the second half of its time renews, and for a token that
 * expires.
 */
export const Session = z.object({
  name: Name,
  role: Role.meta({ description: 'The highest role of the grants.' }),
  grants: z.array(Grant).meta({ description: 'The roles of the caller, and where they hold.' }),
  token: Name.optional().meta({ description: 'The token that somebody made by which they ask, if so.' }),
  expiresAt: Timestamp.optional(),
})
export type Session = z.infer<typeof Session>
