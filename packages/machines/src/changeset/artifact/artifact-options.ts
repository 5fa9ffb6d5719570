import { Duration, NamePattern } from '@vesemir/contract'
import { z } from 'zod'
import { Allowed } from '../../http/outgoing.ts'
import { parsePublicKey } from './minisign.ts'

const PublicKey = z.string().refine((text) => parsePublicKey(text) !== undefined, {
  error: 'is no public key of minisign, such as "RWQ…"',
})

/** A worker's settings for artifacts. */
export const ArtifactOptions = z.strictObject({
  folders: z
    .array(z.string().startsWith('/'))
    .default([])
    .meta({
      description: 'Folders below which file: URLs may be read. Default: none.',
      examples: [['/srv/artifacts']],
    }),
  allow: Allowed,
  maxBytes: z.int().min(1).default(5_000_000_000).meta({ description: 'Size limit of an artifact.' }),
  maxUnpackedBytes: z.int().min(1).default(2_000_000_000).meta({
    description: 'Size limit of an unpacked archive.',
  }),
  maxTimeout: Duration.default('10m').meta({
    description: 'Limit of reading an artifact during planning, whatever the timeout of its changeset.',
  }),
  credentials: z
    .array(
      z.strictObject({
        below: z
          .string()
          .regex(/^https:\/\/[^\s?#@]+\/$/, {
            error: ({ input }) => `${JSON.stringify(input)} is not an https: URL that ends with "/"`,
          })
          .meta({
            description: 'The header is sent to addresses that begin with this, and to no others.',
            examples: ['https://artifacts.example/'],
          }),
        header: z
          .string()
          .regex(/^[A-Za-z0-9-]{1,100}$/)
          .meta({ description: 'The name of the header.', examples: ['Authorization'] }),
        variable: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .meta({
            description: 'Environment variable of the worker that holds the header, such as "Bearer …".',
            examples: ['ARTIFACT_HEADER'],
          }),
      }),
    )
    .default([])
    .meta({ description: 'Headers for artifact servers, such as Authorization.' }),
  signatures: z
    .array(
      z.strictObject({
        environments: z
          .array(NamePattern)
          .min(1)
          .max(100)
          .meta({ description: 'The environments.', examples: [['production']] }),
        publicKeys: z
          .array(PublicKey)
          .min(1)
          .max(20)
          .meta({
            description: 'Of minisign: the line below its comment. One of them must have signed.',
            examples: [['RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3']],
          }),
      }),
    )
    .max(100)
    .default([])
    .meta({
      description: 'Environments that take signed artifacts alone, and nothing that is no artifact.',
    }),
  cache: z
    .strictObject({
      folder: z
        .string()
        .startsWith('/')
        .optional()
        .meta({
          description: "Folder of the worker alone. Without it, systemd's CacheDirectory, else one below /var/tmp.",
          examples: ['/var/cache/vesemir/artifacts'],
        }),
      maxBytes: z.int().min(0).default(10_000_000_000).meta({
        description: 'The least recently used artifact is removed first. The last one is kept whatever its size.',
      }),
    })
    .prefault({})
    .meta({
      description: 'Cache of artifacts downloaded by HTTP, so that they are downloaded once for all hosts.',
    }),
})
export type ArtifactOptions = z.infer<typeof ArtifactOptions>
