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
      .meta({ description: 'Repositories are read below these addresses only; none, and no repository is read.' }),
    mirrors: z.string().startsWith('/').optional().meta({
      description: 'Folder of the worker for what it fetched. Its git reads its own configuration and keys.',
    }),
  })
  .refine(({ repositories, mirrors }) => repositories.length === 0 || mirrors !== undefined, {
    error: 'say where what is fetched is to be kept',
    path: ['mirrors'],
  })
export type GitOptions = z.infer<typeof GitOptions>
