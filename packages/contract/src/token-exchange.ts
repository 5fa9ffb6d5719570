import { z } from 'zod'

/** The exchange of a CI job's ID token for a token of Vesemir (RFC 8693, 2.1). */
export const TokenExchange = z.strictObject({
  grant_type: z.literal('urn:ietf:params:oauth:grant-type:token-exchange'),
  subject_token: z.string({ error: 'is not a token' }).max(10_000, { error: 'is too long for a token' }),
  subject_token_type: z.enum(['urn:ietf:params:oauth:token-type:id_token', 'urn:ietf:params:oauth:token-type:jwt']),
})
export type TokenExchange = z.infer<typeof TokenExchange>

/** RFC 8693, 2.2.1 */
export const ExchangedToken = z.object({
  access_token: z.string(),
  issued_token_type: z.literal('urn:ietf:params:oauth:token-type:access_token'),
  token_type: z.literal('Bearer'),
  expires_in: z.int().meta({ description: 'In seconds.' }),
})
export type ExchangedToken = z.infer<typeof ExchangedToken>
