import type { EnvironmentVariable } from '@vesemir/process/settings'
import { RedisTls } from '@vesemir/process/tls'
import { z } from 'zod'

/** The errors quote no value: it may hold a password. */
const Url = z.url({ protocol: /^(?:rediss?|unix)$/, error: 'is not a redis:, rediss: or unix: address' })

const Address = z
  .string()
  .regex(/^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}$/i, { error: 'is not HOST:PORT' })
  .meta({ title: 'HOST:PORT' })

const User = z.string({ error: 'is not a text' }).min(1).max(200)

const Password = z.string({ error: 'is not a text' }).min(1, { error: 'is empty' })
const PasswordFile = z.string({ error: 'is not a text' }).startsWith('/', { error: 'is not an absolute path' })

/** The ways to reach Redis, of which settings name one. */
const ways = ['url', 'sentinels', 'nodes'] as const

const RedisFields = z
  .strictObject({
    url: Url.optional().meta({
      description:
        'The address of Redis; `rediss:` is TLS, and `unix:/run/redis/redis.sock` a Unix socket. Default: this machine.',
      examples: ['rediss://vesemir@redis.example:6380'],
    }),
    sentinels: z
      .array(Address)
      .min(1)
      .max(20)
      .optional()
      .meta({
        description: 'Sentinels, which say where the primary is; instead of `url`. The others are learnt from them.',
        examples: [['sentinel-1.example:26379', 'sentinel-2.example:26379', 'sentinel-3.example:26379']],
      }),
    masterName: z
      .string({ error: 'is not a text' })
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'The name that the Sentinels have for the primary.', examples: ['mymaster'] }),
    nodes: z
      .array(Address)
      .min(1)
      .max(20)
      .optional()
      .meta({
        description: 'Nodes of a Redis Cluster, instead of `url`. The others are learnt from them.',
        examples: [['redis-1.example:6379', 'redis-2.example:6379', 'redis-3.example:6379']],
      }),
    username: User.optional().meta({ description: 'The user of Redis.', examples: ['vesemir'] }),
    password: Password.optional().meta({ description: "The user's password.", examples: ['a long random text'] }),
    passwordFile: PasswordFile.optional().meta({
      description: 'A file that holds the password, instead.',
      examples: ['/etc/vesemir/redis-password'],
    }),
    sentinelUsername: User.optional().meta({ description: 'The user of the Sentinels.', examples: ['vesemir'] }),
    sentinelPassword: Password.optional().meta({
      description: 'The password of the Sentinels.',
      examples: ['another long random text'],
    }),
    sentinelPasswordFile: PasswordFile.optional().meta({
      description: 'A file that holds the password of the Sentinels, instead.',
      examples: ['/etc/vesemir/sentinel-password'],
    }),
    sentinelTls: RedisTls.optional().meta({
      description: 'TLS to the Sentinels; `{}` trusts the authorities of Node.js. Default: none.',
      examples: [{ ca: '/etc/vesemir/redis-ca.pem' }],
    }),
    memoryLimitBytes: z
      .int()
      .min(1_000_000)
      .optional()
      .meta({
        description:
          'Memory that Redis may take where its own `maxmemory` is 0: watched, to tell before it is met. Default: none is watched.',
        examples: [8_000_000_000],
      }),
    unsafe: z.enum(['refuse', 'warn']).optional().meta({
      description:
        'What API and workers do at their start when Redis may drop what it keeps, or forbids what they need: `refuse` to start (default), or `warn`.',
    }),
  })
  .superRefine((settings, context) => {
    const complain = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message })
    const named = ways.filter((way) => settings[way] !== undefined)
    for (const way of named.slice(1)) complain(way, `is set besides ${named[0]}: set one`)
    if (settings.sentinels && settings.masterName === undefined) complain('masterName', 'is missing')
    for (const field of ['password', 'sentinelPassword'] as const)
      if (settings[field] !== undefined && settings[`${field}File`] !== undefined)
        complain(`${field}File`, `is set besides ${field}: set one`)
    if (settings.url && new URL(settings.url).password !== '' && (settings.password ?? settings.passwordFile))
      complain('url', 'has a password, and another one is set: set one')
    if (settings.sentinels) return
    for (const field of Object.keys(settings).filter((name) => name === 'masterName' || /^sentinel./.test(name)))
      complain(field, 'is set without sentinels')
  })

export type RedisSettings = z.output<typeof RedisFields>

/** How API and workers reach Redis: by an address, or by fields. */
export const RedisSettings = z
  .union([Url, RedisFields], { error: 'is not a redis:, rediss: or unix: address, nor fields' })
  .prefault('redis://127.0.0.1:6379')
  .transform((settings): RedisSettings => (typeof settings === 'string' ? { url: settings } : settings))
  .meta({
    description: 'How to reach Redis: the fields below, or `url` alone.',
    examples: ['rediss://vesemir@redis.example:6380'],
  })

/** The environment variables that set how Redis is reached. */
export const redisVariables: Readonly<Record<string, EnvironmentVariable>> = {
  VESEMIR_REDIS_URL: { setting: 'redis.url', shorthandFor: 'url' },
  VESEMIR_REDIS_PASSWORD: { setting: 'redis.password', shorthandFor: 'url' },
  VESEMIR_SENTINEL_PASSWORD: { setting: 'redis.sentinelPassword' },
}
