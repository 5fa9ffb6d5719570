import { KeySource } from '@vesemir/process/keys'
import { z } from 'zod'

const S3Settings = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).meta({
    description: 'The address of the storage; the bucket is named in the path.',
    examples: ['https://s3.eu-central-1.amazonaws.com'],
  }),
  region: z.string().min(1).default('us-east-1').meta({ description: 'The region that requests are signed for.' }),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'is not the name of a bucket' })
    .meta({ description: 'The bucket, which exists.', examples: ['vesemir-archive'] }),
  prefix: z
    .string()
    .regex(/^(?:[A-Za-z0-9_.-]+\/)*$/, { error: 'is not a prefix of plain names that ends in "/"' })
    .default('')
    .meta({ description: 'The start of every name in the bucket; ends in "/".' }),
  accessKeyId: z
    .string()
    .min(1)
    .meta({ description: 'The id of the access key.', examples: ['AKIAIOSFODNN7EXAMPLE'] }),
  secretAccessKey: KeySource.meta({
    description: 'Where the secret of the access key is read.',
    examples: ['/etc/vesemir/s3-secret'],
  }),
})
export type S3Settings = z.infer<typeof S3Settings>

/** Where ended deployments are archived: a folder, or a bucket of S3-compatible storage. */
export const ArchiveSettings = z
  .strictObject({
    folder: z
      .string()
      .startsWith('/', { error: 'is not an absolute path' })
      .optional()
      .meta({ description: 'A folder, which exists.', examples: ['/var/lib/vesemir/archive'] }),
    s3: S3Settings.optional().meta({ description: 'A bucket of S3-compatible storage.' }),
  })
  .refine(({ folder, s3 }) => (folder === undefined) !== (s3 === undefined), {
    error: 'names neither a folder nor s3, or both',
  })
export type ArchiveSettings = z.infer<typeof ArchiveSettings>
