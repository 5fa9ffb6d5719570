import { z } from 'zod'
import { Grant } from './grant.ts'
import { Duration, Name, Timestamp } from './primitives.ts'

export const ApiTokenId = z.string().regex(/^[A-Za-z0-9_-]{12}$/, { error: 'is not the id of a token' })

/** A token that somebody made for their programs. It acts in the name of its owner, and never does more than they may. */
export const ApiToken = z.object({
  id: ApiTokenId,
  name: Name.meta({ description: 'Distinguishes the token from others of its owner.' }),
  owner: Name,
  grants: z.array(Grant).min(1),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  lastUsedAt: Timestamp.optional().meta({ description: 'To the minute; absent when it has not been used.' }),
})
export type ApiToken = z.infer<typeof ApiToken>

export const ApiTokenRequest = z.strictObject({
  name: Name,
  grants: z.array(Grant).min(1).max(20).meta({ description: "Each within one of the caller's own." }),
  expiresIn: Duration.default('90d').meta({ description: 'At most 366d.' }),
})
export type ApiTokenRequest = z.infer<typeof ApiTokenRequest>

export const CreatedApiToken = ApiToken.extend({
  token: z.string().meta({ description: 'The token itself. Only its hash is kept: it is never shown again.' }),
})
export type CreatedApiToken = z.infer<typeof CreatedApiToken>

export const ApiTokenList = z.object({ tokens: z.array(ApiToken) })
export type ApiTokenList = z.infer<typeof ApiTokenList>
