import { z } from 'zod'
import { expectsSecret, hasUrlCredentials } from './plain-secret.ts'

/** The name of a secret, as the workers' settings have it below `secrets`. */
export const SecretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, {
  error: 'is not the name of a secret: letters, digits, "_", "-" and ".", at most 100',
})

/** Stands for a value that only workers know: definitions, records, events and answers hold its name. */
export const SecretReference = z.strictObject({ secret: SecretName }).meta({ title: '{secret: NAME}' })
export type SecretReference = z.infer<typeof SecretReference>

/** Tells whether a value stands for a secret. */
export function isSecretReference(value: unknown): value is SecretReference {
  return SecretReference.safeParse(value).success
}

const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, { error: 'is not the name of a header' })

/** What headers hold. No error quotes a value here: it may be a secret. */
const headerValue = {
  pattern: /^[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?$/,
  error: 'is not the value of a header: at most 1000 characters of ASCII without spaces around them',
}

/** Headers of an answer. */
export const ExpectedHeaders = z.record(HeaderName, z.string().regex(headerValue.pattern, { error: headerValue.error }))

/** Headers of a request. */
export const Headers = withSecrets(HeaderName, headerValue)

const VariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, { error: 'is not the name of an environment variable' })
  .refine((name) => !name.startsWith('VESEMIR_'), { error: "is one of Vesemir's own variables" })

const mostVariables = 500

/** Environment variables of commands on hosts. They go there over standard input: no list of processes shows them. */
export const Environment = withSecrets(VariableName, {
  // oxlint-disable-next-line no-control-regex -- control characters are what this refuses
  pattern: /^[^\u0000-\u001f\u007f]{0,4000}$/,
  error: 'is not one line of at most 4000 characters',
})
export type Environment = z.infer<typeof Environment>

/** Variables of an application. An environment file may hold them, so their values are what systemd takes for text (utf8_is_valid). */
export const Variables = withSecrets(VariableName, {
  // oxlint-disable-next-line no-control-regex -- control characters are what this refuses
  pattern: /^[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]{0,4000}$/u,
  error: 'is not one line of at most 4000 characters',
}).refine((variables) => Object.keys(variables).length <= mostVariables, {
  error: `has more than ${mostVariables} variables`,
})
export type Variables = z.infer<typeof Variables>

/** Makes a record of values, of which those that are secrets by their name or content must be references. */
function withSecrets(name: z.ZodType<string, string>, plain: { pattern: RegExp; error: string }) {
  const value = z.union([z.string().regex(plain.pattern), SecretReference], {
    error: ({ input }) => (typeof input === 'string' ? plain.error : 'is neither text nor {secret: NAME}'),
  })
  const notFields = 'must be fields: "name: value"'
  return z
    .record(name, value, { error: ({ code }) => (code === 'invalid_type' ? notFields : undefined) })
    .superRefine((values, context) => {
      for (const [key, given] of Object.entries(values))
        if (typeof given === 'string' && (expectsSecret(key) || hasUrlCredentials(given)))
          context.addIssue({ code: 'custom', path: [key], message: useReference })
    })
}

const useReference =
  "expects a secret, not a plain value: write {secret: NAME}, and define NAME below secrets in the workers' settings"
