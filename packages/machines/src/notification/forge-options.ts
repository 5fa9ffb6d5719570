import type { Notice } from '@vesemir/contract'
import { z } from 'zod'
import { isAddress } from './secrets.ts'

/** The address of an API. */
export const ForgeUrl = z
  .string()
  .refine(isAddress, { error: 'must be an http: or https: URL without a user name or password' })

/** How a version is called in the repository. */
export const Ref = z
  .string()
  .regex(/^[^\s{}]*\{version\}[^\s{}]*$/, { error: 'must have {version} in it, and no spaces' })
  .default('{version}')
  .meta({
    description: 'The commit or tag that a version is. `{version}` stands for the version.',
    examples: ['v{version}'],
  })

/** Returns what a notice's version is called in the repository. */
export function fillRef(ref: string, { deployment: { version } }: Notice): string {
  return ref.replace('{version}', () => version)
}
