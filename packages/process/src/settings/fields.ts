import { z } from 'zod'

/** Where Redis is. The error does not quote the value, which may hold a password. */
export const RedisUrl = z
  .url({ protocol: /^(?:rediss?|unix)$/, error: 'is not a redis:, rediss: or unix: address' })
  .default('redis://127.0.0.1:6379')
  .meta({
    description:
      'The address of Redis, with user and password where it has them; `unix:/run/redis/redis.sock` is a Unix socket.',
    examples: ['rediss://vesemir@redis.example:6380'],
  })

/** The least severe kind of line that is logged. */
export const LogLevel = z
  .enum(['debug', 'info', 'warn', 'error', 'silent'])
  .default('info')
  .meta({ description: 'The least severe lines to log, one JSON object each on stdout.' })
