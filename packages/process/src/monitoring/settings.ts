import { z } from 'zod'

/** Where a process serves its metrics and its health; nowhere without it. */
export const MetricsSettings = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta({
    description: 'The address that it listens on. Nobody signs in: let only monitoring reach it.',
  }),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .meta({ description: 'The port.', examples: [9464] }),
})
export type MetricsSettings = z.infer<typeof MetricsSettings>
