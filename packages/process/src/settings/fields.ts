import { z } from 'zod'

/** The least severe kind of line that is logged. */
export const LogLevel = z
  .enum(['debug', 'info', 'warn', 'error', 'silent'])
  .default('info')
  .meta({ description: 'The least severe lines to log, one JSON object each on stdout.' })
