import { matchesPattern, VesemirError, type Clock, type ApplicationEnvironment, type Secrets } from '@vesemir/core'
import { shortestSecret, type Masker } from '@vesemir/process/masking'
import { orAborted } from '@vesemir/process/waiting'
import { createSource } from './secret-source.ts'
import type { SecretOptions, SecretsOptions } from './secrets-options.ts'

/** What secrets need of their process. */
export interface SecretDeps {
  env: Readonly<Record<string, string | undefined>>
  clock: Pick<Clock, 'startStopwatch'>
  /** Masks each secret from when it is read. */
  masker: Pick<Masker, 'add'>
  /** Makes a keyed digest of a text that is at a place; absent where workers share no key. */
  digest?: ((place: string, text: string) => string) | undefined
}

const longestSecret = 65_536

/**
 * Creates the secrets of a cluster's settings. Each is read when it is asked for.
 * @throws {VesemirError} `CONFIG_INVALID` when a variable that a command is to get is not set
 */
export function createSecrets(options: SecretsOptions, { env, clock, masker, digest }: SecretDeps): Secrets {
  const known = new Map(
    Object.entries(options).map(([name, secret]) => [
      name,
      { ...secret, read: createSource(name, secret, { env, clock }) },
    ]),
  )

  async function read(name: string, place: ApplicationEnvironment): Promise<string> {
    const secret = known.get(name)
    if (!secret) throw new VesemirError('SECRET_MISSING', `the secret ${name} is not in the worker's settings`)
    if (!isAllowed(secret, place))
      throw new VesemirError(
        'SECRET_NOT_ALLOWED',
        `${place.application} may not have the secret ${name} in ${place.environment}`,
      )
    const value = checked(name, await secret.read())
    masker.add(value)
    return value
  }

  return {
    read: (names, place, signal) =>
      orAborted(Promise.all(names.map(async (name) => [name, await read(name, place)] as const)), signal).then(
        (values) => new Map(values),
      ),
    digest:
      digest &&
      ((value, { application, environment, variable }) =>
        digest(`the value of ${variable} of ${application} in ${environment}`, value)),
  }
}

function isAllowed(
  { applications, environments }: SecretOptions,
  { application, environment }: ApplicationEnvironment,
): boolean {
  const isOneOf = (patterns: readonly string[], name: string) =>
    patterns.some((pattern) => matchesPattern(pattern, name))
  return isOneOf(applications, application) && (environments === undefined || isOneOf(environments, environment))
}

/** Returns what can be masked, and be a variable. */
function checked(name: string, text: string): string {
  const value = text.replace(/\r?\n$/, '')
  // oxlint-disable-next-line no-control-regex -- control characters are what this refuses
  const isText = !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.test(value)
  if (isText && value.length >= shortestSecret && value.length <= longestSecret) return value
  const why = isText ? `has not ${shortestSecret} to ${longestSecret} characters` : 'is no plain text'
  throw new VesemirError('SECRET_INVALID', `the secret ${name} ${why}`)
}
