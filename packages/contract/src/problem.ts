import { z } from 'zod'
import { RequestId } from './primitives.ts'

/** Why something failed: a stable code, what happened, and what to do next. */
export const Failure = z.object({
  code: z.string().meta({ description: 'Stable; docs/errors.md lists them all.' }),
  message: z.string(),
  hint: z.string().optional().meta({ description: 'What to do next.' }),
  log: z
    .array(z.string())
    .optional()
    .meta({ description: "The last lines of the service's own log, read when the host failed." }),
})
export type Failure = z.infer<typeof Failure>

/** An error answer of the API: RFC 9457, with Vesemir's code and, for bad input, the fields. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  request: RequestId.optional(),
})
export type Problem = z.infer<typeof Problem>
