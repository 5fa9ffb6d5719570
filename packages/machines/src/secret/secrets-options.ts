import { Duration, NamePattern, SecretName } from '@vesemir/contract'
import { z } from 'zod'

const Variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is not the name of an environment variable' })
const Patterns = z.array(NamePattern).max(100)

/** Where one secret is, and which applications may have it. */
const SecretOptions = z
  .strictObject({
    file: z
      .string()
      .startsWith('/')
      .optional()
      .meta({ description: 'Path of a file that holds it.', examples: ['/etc/vesemir/secrets/artifacts'] }),
    env: Variable.optional().meta({
      description: "Variable of the worker's environment that holds it.",
      examples: ['ARTIFACT_TOKEN'],
    }),
    command: z
      .array(z.string().min(1))
      .min(1)
      .max(100)
      .optional()
      .meta({
        description: 'The program that prints it, and its arguments, one a list item: no shell reads them.',
        examples: [['vault', 'kv', 'get', '-field=token', 'secret/payments']],
      }),
    environmentVariables: z
      .array(Variable)
      .default([])
      .meta({
        description: "Variables of the worker's environment that the program gets besides PATH, HOME, LANG and TMPDIR.",
        examples: [['VAULT_ADDR']],
      }),
    timeout: Duration.default('10s').meta({ description: 'After it the program is killed.' }),
    applications: Patterns.default([]).meta({
      description:
        'Names of applications that may have it, or patterns of names such as "payments-*"; none without it.',
    }),
    environments: Patterns.optional().meta({ description: 'Where they may have it; in all environments without it.' }),
  })
  .refine(({ file, env, command }) => [file, env, command].filter((source) => source !== undefined).length === 1, {
    error: 'say where the secret is: by one of file, env and command',
  })
export type SecretOptions = z.infer<typeof SecretOptions>

/** A cluster's settings of secrets, by the names that applications have for them. */
export const SecretsOptions = z.record(SecretName, SecretOptions)
export type SecretsOptions = z.infer<typeof SecretsOptions>
