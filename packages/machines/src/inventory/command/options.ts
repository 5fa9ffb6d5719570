import { Duration } from '@vesemir/contract'
import { z } from 'zod'
import { KnownHostsPath } from '../ansible/known-hosts-path.ts'
import { VariableNames } from '../ansible/variable-names.ts'

/** Settings of the command inventory. */
export const CommandOptions = z.strictObject({
  kind: z.literal('command'),
  command: z
    .array(z.string().min(1))
    .min(1)
    .max(100)
    .meta({
      description:
        'The program and its arguments, one a list item: no shell reads them. Run for each plan, on the worker.',
      examples: [['aws-inventory', '--region', 'eu-west-1']],
    }),
  directory: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Working folder. Default: the worker's.", examples: ['/srv/inventory'] }),
  environmentVariables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .meta({
      description:
        "Variables of the worker's environment that it gets, such as a cloud's credentials, besides PATH, HOME, LANG and TMPDIR. Their values are never shown.",
      examples: [['AWS_PROFILE']],
    }),
  timeout: Duration.default('30s').meta({
    description: 'Then the program and all processes that it started are killed.',
  }),
  maxOutputBytes: z
    .int()
    .min(1)
    .max(1024 ** 3)
    .default(64 * 1024 ** 2)
    .meta({ description: 'Size limit of what the program prints.' }),
  variables: VariableNames,
  knownHosts: KnownHostsPath,
})
export type CommandOptions = z.infer<typeof CommandOptions>
