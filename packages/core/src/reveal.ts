import type { SecretReference } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
import type { ApplicationEnvironment } from './ports/application-environment.ts'
import type { Secrets } from './ports/secrets.ts'

/** Settings with values in the places of references to secrets. They must not be kept, logged, or part of an error. */
export type Revealed<Value> = Value extends SecretReference
  ? string
  : Value extends readonly (infer Item)[]
    ? Revealed<Item>[]
    : Value extends object
      ? { [Key in keyof Value]: Revealed<Value[Key]> }
      : Value

interface Revealing {
  spec: ApplicationEnvironment
  secrets: Secrets
  signal: AbortSignal | undefined
}

/**
 * Returns settings with the secrets that they refer to, as these are now. Call it right before they are used.
 * @throws {VesemirError} as `Secrets.read`, and `SECRET_INVALID` when one is to be a header that cannot be
 */
export async function reveal<Value>(value: Value, { spec, secrets, signal }: Revealing): Promise<Revealed<Value>> {
  const names = [...new Set(namesIn(value))]
  if (names.length === 0) return value as Revealed<Value>
  return replaced(value, { known: await secrets.read(names, spec, signal), isHeader: false }) as Revealed<Value>
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return isReference(value) ? [value.secret] : Object.values(value).flatMap(namesIn)
}

function replaced(value: unknown, by: { known: ReadonlyMap<string, string>; isHeader: boolean }): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isReference(value)) return by.isHeader ? asHeader(value.secret, by.known) : by.known.get(value.secret)
  if (Array.isArray(value)) return value.map((item) => replaced(item, by))
  const fields = Object.entries(value)
  return Object.fromEntries(
    fields.map(([name, item]) => [name, replaced(item, { ...by, isHeader: by.isHeader || name === 'headers' })]),
  )
}

/** Whoever sends a header that cannot be would quote it in the error. */
function asHeader(name: string, known: ReadonlyMap<string, string>): string {
  const value = known.get(name)!
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value
  throw new VesemirError('SECRET_INVALID', `the secret ${name} is not a valid header value: not one line of ASCII`)
}

/** Whether a value of settings stands for a secret. */
export function isReference(value: unknown): value is SecretReference {
  if (typeof value !== 'object' || value === null) return false
  const names = Object.keys(value)
  return names.length === 1 && typeof (value as Record<string, unknown>)['secret'] === 'string'
}
