import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Grant, Name, Protection, Role } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { LogLevel, readSettings, RedisUrl } from '@vesemir/process/settings'
import { z } from 'zod'

const Url = z.url({ protocol: /^https?$/, error: 'is not an http: or https: address' })

/** Words that stand in examples, with the line end that `echo` adds or without. */
const guessed = ['', 'test', 'token', 'secret', 'password', 'admin', 'changeme']
  .flatMap((word) => [word, `${word}\n`])
  .map((word) => createHash('sha256').update(word).digest('hex'))

/** Every error here is worded without the value: it may be a secret in the wrong place. */
const Token = z.strictObject({
  /** A grant over everything. Without, the token may do what `grants` say. */
  role: Role.optional(),
  sha256: z
    .string({ error: 'is not a SHA-256' })
    .regex(/^[0-9a-f]{64}$/, { error: 'is not a SHA-256 in 64 lower-case hex digits: printf %s "$TOKEN" | sha256sum' })
    .refine((sha256) => !guessed.includes(sha256), {
      error: 'is the SHA-256 of a word that anyone guesses. Make a token: openssl rand -hex 32',
    }),
})

const GrantOfSettings = z.strictObject({
  /** Names of tokens. */
  who: z.union([Name.transform((name) => [name]), z.array(Name).min(1)], {
    error: 'is not the name of a token, nor a list',
  }),
  ...Grant.shape,
})

const ApiConfig = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(8080),
    /** How browsers reach the API, where a proxy stands before it. */
    url: Url.optional(),
    /** The proxies before it, of which it believes what X-Forwarded-For says. */
    proxies: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'is not an IP address or range' }))
      .default([]),
    redis: RedisUrl,
    prefix: Name.default('vesemir'),
    clusters: z.array(Name).min(1),
    tokens: z
      .record(Name, Token)
      .refine((tokens) => Object.keys(tokens).length > 0, {
        error: 'name at least one token, here or in VESEMIR_TOKENS',
      })
      .prefault({}),
    grants: z.array(GrantOfSettings).max(1000).default([]),
    protections: z.array(Protection).max(100).default([]),
    /**
     * Signs browsers' cookies, and seals what is kept of tokens. Several API processes need the same; without it, sessions end
     * with the process, and nobody can make tokens.
     */
    cookieSecret: z.string({ error: 'is not a text' }).min(32, { error: 'is shorter than 32 characters' }).optional(),
    pageFolder: z.string().min(1).optional(),
    logLevel: LogLevel,
  })
  .superRefine(({ tokens, grants }, context) => {
    for (const [index, { who }] of grants.entries())
      for (const name of who.filter((name) => !Object.hasOwn(tokens, name)))
        context.addIssue({ code: 'custom', path: ['grants', index, 'who'], message: `there is no token ${name}` })
    for (const [name, { role }] of Object.entries(tokens))
      if (role === undefined && !grants.some(({ who }) => who.includes(name)))
        context.addIssue({ code: 'custom', path: ['tokens', name], message: 'has neither a role nor a grant' })
  })
export type ApiConfig = z.infer<typeof ApiConfig>
export type TokenSettings = ApiConfig['tokens']
export type GrantSettings = ApiConfig['grants']

/**
 * Reads the API's settings: the YAML file that VESEMIR_API_CONFIG names, and over it VESEMIR_REDIS_URL, VESEMIR_TOKENS
 * (`name:role:token`, separated by commas or spaces) and VESEMIR_COOKIE_SECRET.
 * @throws {VesemirError} `CONFIG_INVALID` with the name of each wrong setting, and never with a secret
 */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<ApiConfig> {
  const config = await readSettings({
    schema: ApiConfig,
    env,
    file: 'VESEMIR_API_CONFIG',
    variables: {
      VESEMIR_REDIS_URL: { setting: 'redis' },
      VESEMIR_TOKENS: { setting: 'tokens', read: readTokens },
      VESEMIR_COOKIE_SECRET: { setting: 'cookieSecret' },
    },
  })
  return { ...config, pageFolder: config.pageFolder ?? builtPage() }
}

const shortestToken = 16

function readTokens(text: string): Record<string, z.input<typeof Token>> {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  return Object.fromEntries(
    entries.map((entry, index) => {
      const [name, role, ...rest] = entry.split(':')
      const token = rest.join(':')
      const isComplete = Name.safeParse(name).success && Role.safeParse(role).success && token.length >= shortestToken
      if (isComplete) return [name, { role: role as Role, sha256: createHash('sha256').update(token).digest('hex') }]
      const form = `name:role:token, with a role of ${Role.options.join(', ')} and a token of ${shortestToken} characters or more`
      throw new VesemirError('CONFIG_INVALID', `VESEMIR_TOKENS: entry ${index + 1} is not ${form}`)
    }),
  )
}

/** The web page as the workspace builds it, if it is built. */
function builtPage(): string | undefined {
  const folder = join(import.meta.dirname, '../../dashboard/dist')
  return existsSync(folder) ? folder : undefined
}
