import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Duration, durationMs, Grant, Name, NamePattern, Protection, Role } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { keySettings, KeySource } from '@vesemir/process/keys'
import { LogLevel, readSettings, RedisUrl } from '@vesemir/process/settings'
import { RedisTls, ServerTls } from '@vesemir/process/tls'
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

/** The name of a token of these settings; or who comes by an identity provider: `user:ada@example.com`, `group:sre`. */
const Holder = z.union([Name, z.string().regex(/^(?:user|group):[^\s,]{1,200}$/)], {
  error: 'is not the name of a token, nor user:NAME or group:NAME',
})

const GrantOfSettings = z.strictObject({
  who: z.union([Holder.transform((name) => [name]), z.array(Holder).min(1)], {
    error: 'is not the name of a token, user:NAME, group:NAME, nor a list of these',
  }),
  ...Grant.shape,
})

const Issuer = Url.refine((url) => url.startsWith('https:') || /^http:\/\/(?:localhost|127\.0\.0\.1)[:/]/.test(url), {
  error: 'is not an https: address',
})

/** No job of the known CI systems needs it longer. */
const longestCiTokenMs = 12 * 3_600_000

/** Whom an identity provider knows, by OpenID Connect. */
const ProviderSettings = z.strictObject({
  issuer: Issuer,
  clientId: z.string().min(1).max(500),
  /** Without, Vesemir is a public client, which PKCE alone protects. */
  clientSecret: z.string({ error: 'is not a text' }).min(1).optional(),
  /** What the button says after "Sign in with"; the provider's name unless given. */
  label: z.string().min(1).max(50).optional(),
  /** With offline_access, what somebody may do follows the provider while they are signed in. */
  scopes: z.array(z.string().min(1).max(100)).default(['openid', 'profile', 'email']),
  nameClaim: z.string().min(1).default('email'),
  groupsClaim: z.string().min(1).default('groups'),
  /** Whom it may vouch for; everybody whom it knows unless given. */
  users: z.array(NamePattern).min(1).optional(),
  groups: z.array(z.string().min(1).max(200)).min(1).optional(),
})
export type ProviderSettings = z.infer<typeof ProviderSettings>

/** What the ID token of a CI job has to say, and what the job may do then. */
const CiRule = z.strictObject({
  issuer: Issuer,
  /** Whom the ID token is for; `url` unless given. */
  audience: z.string().min(1).max(500).optional(),
  /** What its claims have to be, each one of some texts in which * stands for any characters. */
  claims: z
    .record(
      z.string().min(1),
      z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)], {
        error: 'is not a text, nor a list',
      }),
    )
    .refine((claims) => Object.keys(claims).length > 0, {
      error: 'names no claim: every job of the issuer would match, of whomever',
    }),
  grants: z.array(Grant).min(1).max(20),
  expiresIn: Duration.default('1h').refine((text) => durationMs(text) > 0 && durationMs(text) <= longestCiTokenMs, {
    error: 'is not a time up to 12h',
  }),
})
export type CiRule = z.infer<typeof CiRule> & { audience: string }
export type CiRules = Readonly<Record<string, CiRule>>

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
    /** Serves HTTPS by itself. Without it, a proxy before it has to, or it listens on this machine alone. */
    tls: ServerTls.optional(),
    redis: RedisUrl,
    redisTls: RedisTls.optional(),
    prefix: Name.default('vesemir'),
    /** The key with which it signs, and public keys of other API processes, whose definitions and plans it takes. */
    orders: z.union(
      [z.literal('unsigned'), z.strictObject({ key: KeySource, otherKeys: z.array(KeySource).default([]) })],
      { error: 'is needed: make keys with "vesemir keys make" and name orders.key, or say unsigned' },
    ),
    clusters: z.array(Name).min(1),
    tokens: z
      .record(Name, Token)
      .refine((tokens) => Object.keys(tokens).length > 0, {
        error: 'name at least one token, here or in VESEMIR_TOKENS',
      })
      .prefault({}),
    grants: z.array(GrantOfSettings).max(1000).default([]),
    signIn: z.record(Name, ProviderSettings).default({}),
    ci: z.record(Name, CiRule).default({}),
    protections: z.array(Protection).max(100).default([]),
    /**
     * Signs browsers' cookies, and seals what is kept of tokens. Several API processes need the same; without it, sessions end
     * with the process, and nobody can make tokens.
     */
    cookieSecret: z.string({ error: 'is not a text' }).min(32, { error: 'is shorter than 32 characters' }).optional(),
    pageFolder: z.string().min(1).optional(),
    /** Where entries of the audit log go besides Redis. */
    audit: z
      .strictObject({
        file: z.string().startsWith('/', { error: 'is not an absolute path' }).optional(),
        syslog: z
          .string()
          .regex(/^udp:\/\/(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/, { error: 'is not udp://host:port' })
          .optional(),
      })
      .prefault({}),
    logLevel: LogLevel,
  })
  .superRefine(({ signIn, url, cookieSecret }, context) => {
    const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    const providers = Object.entries(signIn)
    if (providers.length > 0 && url === undefined)
      complain(['url'], 'is required by signIn: browsers return to this address')
    if (providers.length > 0 && cookieSecret === undefined) complain(['cookieSecret'], 'is required by signIn')
    // Else one could name the people and groups of another.
    for (const [name, { users, groups }] of providers.length > 1 ? providers : [])
      if (!users || !groups) complain(['signIn', name], 'needs users and groups, since there are several providers')
  })
  .superRefine(({ ci, url, cookieSecret, tokens }, context) => {
    const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    for (const [name, { audience }] of Object.entries(ci)) {
      if (audience === undefined && url === undefined) complain(['ci', name, 'audience'], 'is missing, and so is url')
      if (cookieSecret === undefined) complain(['cookieSecret'], 'is needed for ci')
      // Records name both.
      if (Object.hasOwn(tokens, name)) complain(['ci', name], 'is the name of a token too')
    }
  })
  .superRefine(({ tokens, grants }, context) => {
    for (const [index, { who }] of grants.entries())
      for (const name of who.filter((name) => !name.includes(':') && !Object.hasOwn(tokens, name)))
        context.addIssue({ code: 'custom', path: ['grants', index, 'who'], message: `no token is named ${name}` })
    for (const [name, { role }] of Object.entries(tokens))
      if (role === undefined && !grants.some(({ who }) => who.includes(name)))
        context.addIssue({ code: 'custom', path: ['tokens', name], message: 'has neither a role nor a grant' })
  })
  .transform(({ ci, ...config }) => ({ ...config, ci: withAudience(ci, config.url ?? '') }))
export type ApiConfig = z.infer<typeof ApiConfig>
export type TokenSettings = ApiConfig['tokens']
export type GrantSettings = ApiConfig['grants']

/**
 * Reads the API's settings: the YAML file that VESEMIR_API_CONFIG names, and over it VESEMIR_REDIS_URL, VESEMIR_TOKENS
 * (`name:role:token`, separated by commas or spaces), VESEMIR_KEYS (a folder of `makeKeys`) and VESEMIR_COOKIE_SECRET.
 * @throws {VesemirError} `CONFIG_INVALID` with the name of each wrong setting, and never with a secret
 */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<ApiConfig> {
  const config = await readSettings({
    schema: ApiConfig,
    env,
    file: 'VESEMIR_API_CONFIG',
    variables: {
      VESEMIR_REDIS_URL: { setting: 'redis' },
      VESEMIR_KEYS: { setting: 'orders', read: (folder) => keySettings(folder).api },
      VESEMIR_TOKENS: { setting: 'tokens', read: readTokens },
      VESEMIR_COOKIE_SECRET: { setting: 'cookieSecret' },
    },
  })
  return { ...config, pageFolder: config.pageFolder ?? builtPage() }
}

function withAudience(rules: Readonly<Record<string, z.infer<typeof CiRule>>>, url: string): CiRules {
  const complete = Object.entries(rules).map(
    ([name, rule]) => [name, { ...rule, audience: rule.audience ?? url }] as const,
  )
  return Object.fromEntries(complete)
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
/** In the workspace, and in the package that is built of it. */
function builtPage(): string | undefined {
  const folders = ['../../dashboard/dist', 'page', '../page'].map((folder) => join(import.meta.dirname, folder))
  return folders.find((folder) => existsSync(folder))
}
