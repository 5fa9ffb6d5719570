import { z } from 'zod'
import { Name, Timestamp } from './primitives.ts'

/** What a token allows: a viewer reads, a deployer also deploys and steers, an admin also changes applications. */
export const Role = z.enum(['viewer', 'deployer', 'admin'])
export type Role = z.infer<typeof Role>

export const SessionRequest = z.strictObject({
  token: z.string({ error: 'is not a token' }).max(4000, { error: 'is too long for a token' }),
})

/** Who asks. `expiresAt` is there when a cookie says so: a request in the second half of its time renews it. */
export const Session = z.object({ name: Name, role: Role, expiresAt: Timestamp.optional() })
export type Session = z.infer<typeof Session>
