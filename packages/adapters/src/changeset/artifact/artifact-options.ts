import { z } from 'zod'

/** A worker's settings for artifacts. */
export const ArtifactOptions = z.strictObject({
  folders: z.array(z.string().startsWith('/')).default([]).meta({
    description: 'file: URLs are read below these folders only; none, and no file: URL is read.',
  }),
})
export type ArtifactOptions = z.infer<typeof ArtifactOptions>
