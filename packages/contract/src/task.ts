import { z } from 'zod'
import { isPlainTransport } from './is-plain-transport.ts'
import { hasPlainSecret, hasUrlCredentials } from './plain-secret.ts'
import { CommandLine, Duration, HostName, Name, Timestamp } from './primitives.ts'
import { Failure } from './problem.ts'
import { quoteValue } from './quote-value.ts'
import { Environment, Headers, isSecretReference } from './secret.ts'

/** When a task runs: before the first host, after the first wave, after the last host, or after the way back. */
export const TaskMoment = z.enum(['before', 'between', 'after', 'onRollback'])
export type TaskMoment = z.infer<typeof TaskMoment>

const TaskUrl = z
  .string()
  .max(2000, { abort: true })
  .refine((url) => !hasUrlCredentials(url), {
    error: 'contains a password or a token; send it in headers, as Authorization: {secret: NAME}',
    abort: true,
  })
  .regex(/^https?:\/\/[^\s\\]+$/, { error: ({ input }) => `${quoteValue(input)} is not an http: or https: URL` })

const AnswerPart = z.string().min(1).max(1000)

/** How the end of what a request has started is found out. */
const Poll = z.strictObject({
  url: TaskUrl.optional().meta({
    description: 'Asked by GET, with the same headers. Default: the URL that was called.',
    examples: ['https://jobs.example/payments/warm-up/status'],
  }),
  done: AnswerPart.meta({
    description: 'Text in the answer that says that the work is done.',
    examples: ['"state":"done"'],
  }),
  failed: AnswerPart.optional().meta({
    description: 'Text in the answer that says that the work has failed.',
    examples: ['"state":"failed"'],
  }),
  interval: Duration.default('5s').meta({ description: 'Time between two requests, at least 1s.' }),
})

/** A request by the worker: an answer with a status of 200 to 299 is a success. */
export const HttpTask = z
  .strictObject({
    url: TaskUrl.meta({
      description: '{version} is replaced by the version. Redirects are not followed.',
      examples: ['https://jobs.example/payments/warm-up?version={version}'],
    }),
    method: z.enum(['GET', 'POST', 'PUT']).default('POST').meta({ description: 'The method of the request.' }),
    headers: Headers.optional().meta({ description: 'Headers of the request, such as Authorization: {secret: NAME}.' }),
    body: z
      .string()
      .max(10_000)
      .refine((body) => !hasPlainSecret(body), { error: 'holds a plain secret: send it in headers, as {secret: NAME}' })
      .optional()
      .meta({ description: 'The body of the request; {version} is replaced.', examples: ['{"version":"{version}"}'] }),
    poll: Poll.optional().meta({ description: 'How to wait for the end of the work. Default: the answer is the end.' }),
  })
  .refine(
    (task) => !(urlsOf(task).some(isPlainTransport) && Object.values(task.headers ?? {}).some(isSecretReference)),
    {
      error: 'holds a secret, which http: would send unencrypted: use https:',
      path: ['headers'],
    },
  )
export type HttpTask = z.infer<typeof HttpTask>

function urlsOf({ url, poll }: { url: string; poll?: { url?: string | undefined } | undefined }): string[] {
  return [url, ...(poll?.url === undefined ? [] : [poll.url])]
}

const actions = ['command', 'program', 'http'] as const

/** Something that is done once per deployment, not once per host. */
export const Task = z
  .strictObject({
    name: Name.meta({ description: 'The name of the task.', examples: ['migrate'] }),
    when: TaskMoment.meta({
      description:
        'before: before the first host is drained. between: after the first wave. after: after the last host. onRollback: after all hosts are rolled back.',
    }),
    command: CommandLine.optional().meta({
      description: 'A command on the first host of the plan, in the folder of the new release.',
      examples: ['bin/migrate'],
    }),
    program: Name.optional().meta({
      description: 'A program on the worker, by its name in the worker’s settings.',
      examples: ['smoke-test'],
    }),
    http: HttpTask.optional().meta({ description: 'A request by the worker.' }),
    environment: Environment.optional().meta({
      description: 'Variables of the command, such as {TOKEN: {secret: NAME}}.',
    }),
    timeout: Duration.default('10m').meta({ description: 'Limit of the task, its polls included.' }),
    repeatable: z.boolean().default(false).meta({
      description: 'Whether the task may run again when a worker was lost in the middle of it.',
    }),
  })
  .superRefine((task, context) => {
    const given = actions.filter((action) => task[action] !== undefined)
    if (given.length !== 1)
      context.addIssue({
        code: 'custom',
        path: [given[1] ?? 'command'],
        message: 'set one of command, program and http',
      })
    // What a definition could set for a program on the worker, such as PATH, would decide what runs there.
    if (task.environment && task.command === undefined)
      context.addIssue({ code: 'custom', path: ['environment'], message: 'needs a command' })
  })
export type Task = z.infer<typeof Task>

/** The tasks of an application, in the order in which those of one moment run. */
export const Tasks = z
  .array(Task)
  .max(50)
  .superRefine((tasks, context) => {
    for (const [index, { name }] of tasks.entries())
      if (tasks.findIndex((other) => other.name === name) < index)
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `${quoteValue(name)} is already a task` })
  })

/** What became of a task: absent from the record until it starts. */
export const TaskRecord = z.object({
  task: Name,
  status: z.enum(['running', 'succeeded', 'failed']),
  startedAt: Timestamp,
  on: HostName.optional().meta({ description: 'The host on which it runs; absent where the worker does it.' }),
  durationMs: z.int().optional(),
  note: z.string().optional(),
  failure: Failure.optional(),
})
export type TaskRecord = z.infer<typeof TaskRecord>

/** A task in words, for a plan. */
export const PlannedTask = z.object({ task: Name, when: TaskMoment, does: z.string() })
export type PlannedTask = z.infer<typeof PlannedTask>
