import { z } from 'zod'

/** A worker's settings for git. */
export const GitOptions = z
  .strictObject({
    repositories: z
      .array(
        z.string().regex(/^(?:https|ssh|file):\/\/.*\/$/, {
          error: ({ input }) => `${JSON.stringify(input)} is not an https:, ssh: or file: URL that ends with "/"`,
        }),
      )
      .default([])
      .meta({
        description: 'Addresses below which repositories may be read. Default: none.',
        examples: [['https://git.example/']],
      }),
    mirrors: z
      .string()
      .startsWith('/')
      .optional()
      .meta({
        description: 'Folder of the worker for fetched repositories. Its git uses its own configuration and keys.',
        examples: ['/var/cache/vesemir/mirrors'],
      }),
  })
  .refine(({ repositories, mirrors }) => repositories.length === 0 || mirrors !== undefined, {
    error: 'set the folder for fetched repositories',
    path: ['mirrors'],
  })
export type GitOptions = z.infer<typeof GitOptions>
