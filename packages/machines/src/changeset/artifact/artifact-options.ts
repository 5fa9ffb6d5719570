import { z } from 'zod'

/** A worker's settings for artifacts. */
export const ArtifactOptions = z.strictObject({
  folders: z.array(z.string().startsWith('/')).default([]).meta({
    description: 'file: URLs are read below these folders only; none, and no file: URL is read.',
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
})
export type ArtifactOptions = z.infer<typeof ArtifactOptions>
