import { z } from 'zod'
import { CommandLine, Duration, HostPath } from './primitives.ts'

/** A tar.gz, streamed from the worker, checked, unpacked to `releases/<release>` and made `current` by one rename. */
export const ArtifactChangeset = z.strictObject({
  strategy: z.literal('artifact'),
  url: z
    .string()
    .max(2000)
    .regex(/^(?:https?|file):\/\/[^\s\\]+$/, {
      error: ({ input }) => `${JSON.stringify(input)} is not a file:, http: or https: URL`,
    })
    .meta({ description: '{version} stands for the version: https://artifacts.example/payments-{version}.tar.gz' }),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, {
      error: ({ input }) => `${JSON.stringify(input)} is not a SHA-256 in 64 lower-case hex digits`,
    })
    .optional()
    .meta({ description: 'Without it, the sum seen while planning is held to for every host.' }),
  directory: HostPath.meta({
    description: 'Holds releases/ and current on each host. {host} stands for its name, where a path has it in it.',
  }),
  keepReleases: z.int().min(1).max(100).default(5),
  timeout: Duration.default('5m'),
})
export type ArtifactChangeset = z.infer<typeof ArtifactChangeset>

/** Commands run on the host one after another, with VESEMIR_* in their environment. */
export const CommandChangeset = z.strictObject({
  strategy: z.literal('command'),
  commands: z.array(CommandLine).min(1).max(50),
  rollback: z.array(CommandLine).min(1).max(50).optional().meta({
    description: 'Undo what the commands did. Without them, a host that fails is not rolled back.',
  }),
  timeout: Duration.default('10m').meta({ description: 'For each command.' }),
})
export type CommandChangeset = z.infer<typeof CommandChangeset>

export const Changeset = z.discriminatedUnion('strategy', [ArtifactChangeset, CommandChangeset])
export type Changeset = z.infer<typeof Changeset>
