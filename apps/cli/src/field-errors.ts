import type { z } from 'zod'

/** What is wrong with one field of what a person wrote; `place` is where, such as `app.yml:12:3`. */
export interface FieldError {
  field: string
  message: string
  place?: string
}

/** One complaint about one field: `path` leads to the field, which may be missing. */
export interface Complaint {
  path: PropertyKey[]
  message: string
}

/** Splits a schema's error into one complaint for each field. */
export function complaintsOf(error: z.ZodError, input: unknown): Complaint[] {
  return error.issues.flatMap((issue): Complaint[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such setting' }))
    if (issue.code === 'invalid_key') return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }]
    if (issue.code === 'invalid_type' && issue.path.length > 0 && valueAt(input, issue.path) === undefined)
      return [{ path: issue.path, message: 'is missing' }]
    return [{ path: issue.path, message: issue.message }]
  })
}

/** Writes a path as people do: `loadBalancer.backends.1`. */
export function fieldName(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
}
