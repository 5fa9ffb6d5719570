import { z } from 'zod'
import { Name } from './primitives.ts'

/** For whom a credential stands. What they may do is not kept with it: the settings say it, each time that it is used. */
export const Principal = z.discriminatedUnion('kind', [
  /** A token of the settings. */
  z.strictObject({ kind: z.literal('token'), name: Name }),
  /** A person whom an identity provider vouches for. */
  z.strictObject({ kind: z.literal('user'), name: Name }),
  /** A rule of the settings for CI. */
  z.strictObject({ kind: z.literal('ci'), name: Name }),
])
export type Principal = z.infer<typeof Principal>
