import { VesemirError } from '@vesemir/core'
import { z } from 'zod'
import type { RecipientDeps } from './recipient.ts'

/** The name of an environment variable. */
export const Variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of a variable' })

/** Tells whether text is an address that can be posted to. `fetch` would quote one with a password in its error. */
export function isAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/**
 * Reads a secret from the environment.
 * @throws {VesemirError} `CONFIG_INVALID` when it is missing or is not what is wanted; the message does not quote it
 */
export function readSecret(
  variable: string,
  {
    name,
    env,
    isGood,
    wanted,
  }: Pick<RecipientDeps, 'name' | 'env'> & { isGood: (value: string) => boolean; wanted: string },
): string {
  const value = env[variable]
  if (value && isGood(value)) return value
  const problem = value ? `does not hold ${wanted}` : 'is not set'
  throw new VesemirError('CONFIG_INVALID', `notifications.${name}: the variable ${variable} ${problem}`)
}
