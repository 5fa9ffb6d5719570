import { z } from 'zod'
import { hasUrlCredentials } from './plain-secret.ts'
import { CommandLine, Duration, HostName } from './primitives.ts'
import { quoteValue } from './quote-value.ts'
import { Environment, ExpectedHeaders, Headers } from './secret.ts'

const Pace = {
  interval: Duration.default('500ms').meta({ description: 'Between one try and the next.' }),
  timeout: Duration.default('2s').meta({ description: 'For one try.' }),
  deadline: Duration.default('60s').meta({ description: 'For all tries together.' }),
  successes: z.int().min(1).max(100).default(2).meta({ description: 'Passes in a row that prove the host healthy.' }),
}

const From = {
  from: z.enum(['host', 'worker']).optional().meta({
    description:
      'Who asks: the host itself (when left out), or the worker, which reaches it at the address that the inventory has.',
  }),
}

/** Speaks TLS, and how the certificate is looked at: by name, authority and date, or not at all. */
export const HealthCheckTls = z
  .strictObject({
    serverName: HostName.optional().meta({
      description: 'Asked for (SNI, Host) and looked for in the certificate; the address when left out.',
    }),
    ca: z.string().max(50_000).startsWith('-----BEGIN CERTIFICATE-----').optional().meta({
      description:
        "Certificates in PEM that may have signed the application's; those that everybody knows when left out.",
    }),
    insecure: z.boolean().optional().meta({ description: 'Whether any certificate will do.' }),
  })
  .refine(({ ca, insecure }) => !(ca !== undefined && insecure), {
    error: 'with insecure, no authority is asked',
    path: ['ca'],
  })

/** An HTTP request, made from the host itself through SSH, or from the worker. Redirects are answers like any other. */
export const HttpHealthCheck = z.strictObject({
  kind: z.literal('http'),
  port: z.int().min(1).max(65_535),
  path: z
    .string()
    .max(1000, { abort: true })
    .refine((path) => !hasUrlCredentials(path), {
      error: 'holds a password or a token: send it in headers, as Authorization: {secret: NAME}',
      abort: true,
    })
    .regex(/^\/[^\s#]*$/, { error: ({ input }) => `${quoteValue(input)} is not a path that starts with "/"` })
    .default('/'),
  address: z.enum(['loopback', 'host']).default('loopback').meta({
    description:
      'Where the application listens, seen from the host: on 127.0.0.1, or on the address that the inventory has for it.',
  }),
  expectStatus: z.int().min(100).max(599).default(200),
  expectBody: z.string().min(1).max(1000).optional().meta({
    description: 'Must be part of the answer. {version} stands for the new version: the proof that it is what answers.',
  }),
  expectHeaders: ExpectedHeaders.optional().meta({
    description: 'Each must be in the answer, with this as a part of it. {version} stands for the new version.',
  }),
  headers: Headers.optional().meta({ description: 'Sent with the request, such as Authorization: {secret: NAME}.' }),
  tls: HealthCheckTls.optional().meta({ description: 'HTTPS; {} looks at the certificate as browsers do.' }),
  ...From,
  ...Pace,
})
export type HttpHealthCheck = z.infer<typeof HttpHealthCheck>

/** A TCP connection made from the host itself, or from the worker. It proves less than the others: the old version may be what answers. */
export const TcpHealthCheck = z.strictObject({
  kind: z.literal('tcp'),
  port: z.int().min(1).max(65_535),
  address: z.enum(['loopback', 'host']).default('loopback'),
  ...From,
  ...Pace,
})
export type TcpHealthCheck = z.infer<typeof TcpHealthCheck>

/** A command run on the host, never on the worker, with VESEMIR_* and variables of its own; exit status 0 is a pass. */
export const CommandHealthCheck = z.strictObject({
  kind: z.literal('command'),
  command: CommandLine,
  environment: Environment.optional(),
  ...Pace,
})

export const HealthCheck = z.discriminatedUnion('kind', [HttpHealthCheck, TcpHealthCheck, CommandHealthCheck])
export type HealthCheck = z.infer<typeof HealthCheck>
