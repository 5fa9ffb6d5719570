import { z } from 'zod'
import { Name, Timestamp } from './primitives.ts'
import { Session } from './session.ts'

/** How people can sign in with an identity provider: each has a page at /sign-in/{name}. */
export const ProviderList = z.object({
  providers: z.array(z.object({ name: Name, label: z.string().meta({ description: 'Its name for people.' }) })),
})
export type ProviderList = z.infer<typeof ProviderList>

/** What a person has to do so that a program is signed in (RFC 8628). */
export const DeviceSignIn = z.object({
  device: z.string().meta({ description: 'Ask with it whether the person has answered. A secret of the program.' }),
  userCode: z.string().meta({ description: 'What the person enters there.' }),
  verificationUri: z.string(),
  verificationUriComplete: z.string().optional().meta({ description: 'The same address with the code in it.' }),
  intervalSeconds: z.number().meta({ description: 'Ask no more often.' }),
  expiresAt: Timestamp,
})
export type DeviceSignIn = z.infer<typeof DeviceSignIn>

export const DeviceTokenRequest = z.strictObject({ device: z.string().max(4000) })

export const DeviceToken = z.object({
  isPending: z.boolean().meta({ description: 'The person has not answered yet.' }),
  token: z.string().optional().meta({ description: 'What the program sends as bearer token from now on.' }),
  session: Session.optional(),
})
export type DeviceToken = z.infer<typeof DeviceToken>

/** What is left to do after signing out. */
export const SignedOut = z.object({
  providerUrl: z.string().optional().meta({ description: "Where a browser ends the identity provider's session too." }),
})
export type SignedOut = z.infer<typeof SignedOut>
