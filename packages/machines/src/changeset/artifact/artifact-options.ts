import { Duration } from '@vesemir/contract'
import { z } from 'zod'
import { Allowed } from '../../http/outgoing.ts'

/** A worker's settings for artifacts. */
export const ArtifactOptions = z.strictObject({
  folders: z.array(z.string().startsWith('/')).default([]).meta({
    description: 'file: URLs are read below these folders only; none, and no file: URL is read.',
  }),
  allow: Allowed,
  maxBytes: z.int().min(1).default(5_000_000_000).meta({ description: 'The largest artifact that is downloaded.' }),
  maxUnpackedBytes: z.int().min(1).default(2_000_000_000).meta({
    description: 'The most that an archive may unpack to.',
  }),
  maxTimeout: Duration.default('10m').meta({
    description: 'The longest that an artifact is looked at while planning, whatever timeout its changeset has.',
  }),
  credentials: z
    .array(
      z.strictObject({
        below: z
          .string()
          .regex(/^https:\/\/[^\s?#@]+\/$/, {
            error: ({ input }) => `${JSON.stringify(input)} is not an https: URL that ends with "/"`,
          })
          .meta({ description: 'The header is sent to addresses that begin with this, and to no others.' }),
        header: z.string().regex(/^[A-Za-z0-9-]{1,100}$/),
        variable: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .meta({ description: 'Environment variable of the worker that holds the header, such as "Bearer …".' }),
      }),
    )
    .default([]),
  cache: z
    .strictObject({
      folder: z.string().startsWith('/').optional().meta({
        description: "Folder of the worker alone. Without it, systemd's CacheDirectory, else one below /var/tmp.",
      }),
      maxBytes: z.int().min(0).default(10_000_000_000).meta({
        description: 'What was used longest ago is removed for what comes. The last one is kept whatever its size.',
      }),
    })
    .prefault({})
    .meta({
      description: 'Artifacts that came by HTTP are kept here, so that they are downloaded once for all hosts.',
    }),
})
export type ArtifactOptions = z.infer<typeof ArtifactOptions>
