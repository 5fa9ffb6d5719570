import { Name, NamePattern } from '@vesemir/contract'
import { z } from 'zod'

const Patterns = z.array(NamePattern).min(1).max(100)

/** One program that applications may have run on the worker. */
const ProgramOptions = z.strictObject({
  command: z
    .array(z.string().min(1))
    .min(1)
    .max(100)
    .meta({
      description: 'The program and its arguments, one a list item: no shell reads them.',
      examples: [['/usr/local/bin/smoke-test', '--quick']],
    }),
  directory: z
    .string()
    .startsWith('/')
    .optional()
    .meta({ description: "Working folder. Default: the worker's.", examples: ['/srv/smoke-tests'] }),
  environmentVariables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .meta({
      description:
        "Variables of the worker's environment that it gets besides PATH, HOME, LANG, TMPDIR and VESEMIR_*. Their values are masked.",
      examples: [['SMOKE_TEST_TOKEN']],
    }),
  applications: Patterns.optional().meta({
    description: 'Names of applications that may have it run, or patterns of names. Default: all.',
    examples: [['payments-*']],
  }),
  environments: Patterns.optional().meta({ description: 'Where they may. Default: in all environments.' }),
})

/** A cluster's settings of programs for tasks, by the name that applications use. */
export const TasksOptions = z.record(Name, ProgramOptions)
export type TasksOptions = z.infer<typeof TasksOptions>
