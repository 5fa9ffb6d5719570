import { z } from 'zod'
import { hasUrlCredentials } from './plain-secret.ts'
import { CommandLine, Duration, HostName } from './primitives.ts'
import { quoteValue } from './quote-value.ts'
import { Environment, ExpectedHeaders, Headers } from './secret.ts'

const Pace = {
  interval: Duration.default('500ms').meta({ description: 'Between two tries.' }),
  timeout: Duration.default('2s').meta({ description: 'Limit of one try.' }),
  deadline: Duration.default('60s').meta({ description: 'Limit of all tries together.' }),
  successes: z.int().min(1).max(100).default(2).meta({ description: 'Passes in a row that make the host healthy.' }),
}

const From = {
  from: z.enum(['host', 'worker']).optional().meta({
    description:
      'Where the check runs: on the host (default), or on the worker, which connects to the address in the inventory.',
  }),
}

/** Speaks TLS, and how the certificate is looked at: by name, authority and date, or not at all. */
export const HealthCheckTls = z
  .strictObject({
    serverName: HostName.optional().meta({
      description: 'Name for SNI, Host and the certificate. Default: the address.',
    }),
    ca: z
      .string()
      .max(50_000)
      .startsWith('-----BEGIN CERTIFICATE-----')
      .optional()
      .meta({
        description: 'Certificate authorities in PEM. Default: those of Node.js.',
        examples: ['-----BEGIN CERTIFICATE-----…'],
      }),
    insecure: z.boolean().optional().meta({ description: 'Whether to accept any certificate.' }),
  })
  .refine(({ ca, insecure }) => !(ca !== undefined && insecure), {
    error: 'insecure accepts any certificate: omit ca',
    path: ['ca'],
  })

/** An HTTP request, made from the host itself through SSH, or from the worker. Redirects are answers like any other. */
export const HttpHealthCheck = z.strictObject({
  kind: z.literal('http'),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .meta({ description: 'The port to connect to.', examples: [8080] }),
  path: z
    .string()
    .max(1000, { abort: true })
    .refine((path) => !hasUrlCredentials(path), {
      error: 'contains a password or a token; send it in headers, as Authorization: {secret: NAME}',
      abort: true,
    })
    .regex(/^\/[^\s#]*$/, { error: ({ input }) => `${quoteValue(input)} is not a path that starts with "/"` })
    .default('/')
    .meta({ description: 'The path of the request, with its query.', examples: ['/healthz'] }),
  address: z.enum(['loopback', 'host']).default('loopback').meta({
    description: 'Where the application listens: on 127.0.0.1, or on the address of the host in the inventory.',
  }),
  expectStatus: z.int().min(100).max(599).default(200).meta({ description: 'The status that the answer must have.' }),
  expectBody: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({
      description:
        'Text that the body must contain. {version} is replaced by the new version, which proves that it answers.',
      examples: ['{version}'],
    }),
  expectHeaders: ExpectedHeaders.optional().meta({
    description:
      'Headers of the answer with the text that each must contain. {version} is replaced by the new version.',
  }),
  headers: Headers.optional().meta({ description: 'Headers of the request, such as Authorization: {secret: NAME}.' }),
  tls: HealthCheckTls.optional().meta({ description: 'Use HTTPS; {} checks the certificate as browsers do.' }),
  ...From,
  ...Pace,
})
export type HttpHealthCheck = z.infer<typeof HttpHealthCheck>

/** A TCP connection made from the host itself, or from the worker. It proves less than the others: the old version may be what answers. */
export const TcpHealthCheck = z.strictObject({
  kind: z.literal('tcp'),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .meta({ description: 'The port to connect to.', examples: [8080] }),
  address: z.enum(['loopback', 'host']).default('loopback').meta({
    description: 'Where the application listens: on 127.0.0.1, or on the address of the host in the inventory.',
  }),
  ...From,
  ...Pace,
})
export type TcpHealthCheck = z.infer<typeof TcpHealthCheck>

/** A command run on the host, never on the worker, with VESEMIR_* and variables of its own; exit status 0 is a pass. */
export const CommandHealthCheck = z.strictObject({
  kind: z.literal('command'),
  command: CommandLine.meta({
    description: 'Run on the host; exit status 0 is a pass.',
    examples: ['/usr/local/bin/check-payments'],
  }),
  environment: Environment.optional().meta({
    description: 'Variables of the command, such as {TOKEN: {secret: NAME}}.',
  }),
  ...Pace,
})

export const HealthCheck = z.discriminatedUnion('kind', [HttpHealthCheck, TcpHealthCheck, CommandHealthCheck])
export type HealthCheck = z.infer<typeof HealthCheck>
