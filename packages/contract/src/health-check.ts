import { z } from 'zod'
import { CommandLine, Duration } from './primitives.ts'

const Pace = {
  interval: Duration.default('500ms').meta({ description: 'Between one try and the next.' }),
  timeout: Duration.default('2s').meta({ description: 'For one try.' }),
  deadline: Duration.default('60s').meta({ description: 'For all tries together.' }),
  successes: z.int().min(1).max(100).default(2).meta({ description: 'Passes in a row that prove the host healthy.' }),
}

/** An HTTP request made from the host itself, through SSH. */
export const HttpHealthCheck = z.strictObject({
  kind: z.literal('http'),
  port: z.int().min(1).max(65_535),
  path: z
    .string()
    .max(1000)
    .regex(/^\/[^\s#]*$/, { error: ({ input }) => `${JSON.stringify(input)} is not a path that starts with "/"` })
    .default('/'),
  address: z.enum(['loopback', 'host']).default('loopback').meta({
    description: 'Where the application listens: on 127.0.0.1, or on the address that the inventory has for the host.',
  }),
  expectStatus: z.int().min(100).max(599).default(200),
  expectBody: z.string().min(1).max(1000).optional().meta({
    description: 'Must be part of the answer. {version} stands for the new version: the proof that it is what answers.',
  }),
  ...Pace,
})

/** A TCP connection made from the host itself. It proves less than the others: the old version may be what answers. */
export const TcpHealthCheck = z.strictObject({
  kind: z.literal('tcp'),
  port: z.int().min(1).max(65_535),
  address: z.enum(['loopback', 'host']).default('loopback'),
  ...Pace,
})

/** A command run on the host with VESEMIR_* in its environment; exit status 0 is a pass. */
export const CommandHealthCheck = z.strictObject({ kind: z.literal('command'), command: CommandLine, ...Pace })

export const HealthCheck = z.discriminatedUnion('kind', [HttpHealthCheck, TcpHealthCheck, CommandHealthCheck])
export type HealthCheck = z.infer<typeof HealthCheck>
