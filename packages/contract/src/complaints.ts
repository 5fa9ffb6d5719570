import type { z } from 'zod'
import { quoteValue } from './quote-value.ts'
import { suggest } from './suggest.ts'

/** One complaint about one field: `path` leads to the field, which may be missing. */
export interface Complaint {
  path: PropertyKey[]
  message: string
}

/** Splits a schema's error into one complaint for each field of `input`. */
export function complaintsOf(error: z.ZodError, input: unknown): Complaint[] {
  return error.issues.flatMap((issue): Complaint[] => {
    if (issue.code === 'unrecognized_keys') return complaintsOfKeys(issue)
    if (issue.code === 'invalid_key') return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }]
    if (issue.code === 'invalid_union') return complaintsOfUnion(issue, input)
    if (issue.code === 'invalid_type' && issue.path.length > 0 && valueAt(input, issue.path) === undefined)
      return [{ path: issue.path, message: 'is missing' }]
    return [{ path: issue.path, message: issue.message }]
  })
}

const unknownSetting = 'unknown setting'

/** Complains of each key; `describeIssue` has said a line for each. */
function complaintsOfKeys({ keys, path, message }: z.core.$ZodIssueUnrecognizedKeys): Complaint[] {
  const lines = message.startsWith(unknownSetting) ? message.split('\n') : []
  return keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? unknownSetting }))
}

/** Complains of the fields where fields were given and one form of the union has some; else of the whole. */
function complaintsOfUnion(issue: z.core.$ZodIssueInvalidUnion, input: unknown): Complaint[] {
  const whole = [{ path: issue.path, message: issue.message }]
  const value = valueAt(input, issue.path)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return whole
  const isOfOtherType = ({ code, path }: z.core.$ZodIssue) =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_format')
  const [form, ...others] = issue.errors.filter((issues) => !issues.some(isOfOtherType))
  if (!form || others.length > 0) return whole
  return complaintsOf({ issues: form } as z.ZodError, value).map(({ path, message }) => ({
    path: [...issue.path, ...path],
    message,
  }))
}

/** Writes a path as people do: `loadBalancer.backends.1`. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

/** Words an issue that its schema has no words for, with the value that was given: an error map for zod's `parse`. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  const given = describe(issue.input)
  switch (issue.code) {
    case 'invalid_type':
      return `${given} is not ${describeType(issue.expected)}`
    case 'invalid_value':
      return `${given} is not one of ${issue.values.map((value) => describe(value)).join(', ')}`
    case 'too_small':
      return `${given} is too small: at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `${given} is too big: at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownSetting + suggest(key, fieldsLeft(issue))).join('\n')
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
      return undefined
  }
}

/** Returns the fields that could have been meant by an unknown one: those that were not given. */
function fieldsLeft({ inst, input }: z.core.$ZodRawIssue): string[] {
  const { shape = {} } = (inst?._zod.def ?? {}) as { shape?: object }
  return Object.keys(shape).filter((field) => !Object.hasOwn(Object(input), field))
}

function describe(input: unknown): string {
  if (Array.isArray(input)) return `a list of ${input.length}`
  if (typeof input === 'object' && input !== null) return 'an object'
  if (typeof input === 'number') return String(input)
  return quoteValue(input)
}

function describeType(expected: string): string {
  return { array: 'a list', record: 'an object', int: 'a whole number' }[expected] ?? withArticle(expected)
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

function unitOf(origin: string): string {
  return { string: ' characters', array: ' entries' }[origin] ?? ''
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
}
