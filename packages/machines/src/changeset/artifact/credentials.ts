import { VesemirError } from '@vesemir/core'
import type { ArtifactOptions } from './artifact-options.ts'

/** Tells which headers an address is to be asked with. They hold secrets. */
export type HeadersFor = (url: string) => Readonly<Record<string, string>>

/**
 * Reads the secrets of the worker's settings from its environment.
 * @throws {VesemirError} `CONFIG_INVALID` when one is missing, or cannot be a header.
 */
export function readCredentials(
  credentials: ArtifactOptions['credentials'],
  env: Readonly<Record<string, string | undefined>>,
): HeadersFor {
  const known = credentials.map(({ below, header, variable }) => {
    const value = env[variable]
    if (!value || !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) {
      const problem = value ? 'is not a valid header value' : 'is not set'
      throw new VesemirError('CONFIG_INVALID', `changesets.artifact.credentials: the variable ${variable} ${problem}`)
    }
    return { below: new URL(below).href, header, value }
  })
  return (url) => {
    const { href } = new URL(url)
    return Object.fromEntries(
      known.filter(({ below }) => href.startsWith(below)).map(({ header, value }) => [header, value]),
    )
  }
}
