import { createHash } from 'node:crypto'
import { Duration, durationMs, Grant, Name, NamePattern, Protection, Role } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { keySettings, KeySource } from '@vesemir/process/keys'
import { MetricsSettings } from '@vesemir/process/monitoring'
import { LogLevel, readAll, readSecret, readSettings, type EnvironmentVariable } from '@vesemir/process/settings'
import { RedisTls, ServerTls } from '@vesemir/process/tls'
import { RedisSettings, redisVariables } from '@vesemir/store/redis'
import { ArchiveSettings } from '@vesemir/store/archive'
import { z } from 'zod'
import { builtPage } from './built-folders.ts'

const Url = z.url({ protocol: /^https?$/, error: 'is not an http: or https: address' })

/** Words that stand in examples, with the line end that `echo` adds or without. */
const guessed = ['', 'test', 'token', 'secret', 'password', 'admin', 'changeme']
  .flatMap((word) => [word, `${word}\n`])
  .map((word) => createHash('sha256').update(word).digest('hex'))

/** Every error here is worded without the value: it may be a secret in the wrong place. */
const Token = z.strictObject({
  role: Role.optional().meta({
    description: 'A role for everything. Without it, the token may do what `grants` allow.',
  }),
  sha256: z
    .string({ error: 'is not a SHA-256' })
    .regex(/^[0-9a-f]{64}$/, { error: 'is not a SHA-256 in 64 lower-case hex digits: printf %s "$TOKEN" | sha256sum' })
    .refine((sha256) => !guessed.includes(sha256), {
      error: 'is the SHA-256 of a word that anyone guesses. Make a token: openssl rand -hex 32',
    })
    .meta({
      description: 'The SHA-256 of the token in hex: `printf %s "$TOKEN" | sha256sum`.',
      examples: ['5dc2cf9bd31ef6f2f225fee24c8920cd38fc85c101f6b643d4788c1353092bbe'],
    }),
})

/** The name of a token of these settings; or who comes by an identity provider: `user:ada@example.com`, `group:sre`. */
const Holder = z.union([Name, z.string().regex(/^(?:user|group):[^\s,]{1,200}$/)], {
  error: 'is not the name of a token, nor user:NAME or group:NAME',
})

const GrantOfSettings = z.strictObject({
  who: z
    .union([Holder.transform((name) => [name]), z.array(Holder).min(1)], {
      error: 'is not the name of a token, user:NAME, group:NAME, nor a list of these',
    })
    .meta({
      title: 'token, user:NAME or group:NAME, or a list',
      description: 'Who has the grant: a token by name, or people of an identity provider.',
      examples: ['group:sre'],
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
  issuer: Issuer.meta({ description: 'The address of the identity provider.', examples: ['https://login.example'] }),
  clientId: z
    .string()
    .min(1)
    .max(500)
    .meta({ description: 'The identifier that the provider has for Vesemir.', examples: ['vesemir'] }),
  clientSecret: z
    .string({ error: 'is not a text' })
    .min(1)
    .optional()
    .meta({
      description: 'The secret of a confidential client. Without it, PKCE alone protects the sign-in.',
      examples: ['the text that the provider shows'],
    }),
  clientSecretFile: z
    .string()
    .startsWith('/', { error: 'is not an absolute path' })
    .optional()
    .meta({ description: 'A file that holds the secret, instead.', examples: ['/etc/vesemir/oidc-secret'] }),
  label: z
    .string()
    .min(1)
    .max(50)
    .optional()
    .meta({
      description: 'Text after "Sign in with" on the button. Default: the name of the provider in these settings.',
      examples: ['Keycloak'],
    }),
  scopes: z.array(z.string().min(1).max(100)).default(['openid', 'profile', 'email']).meta({
    description:
      'Scopes to request. With offline_access, the rights of people who are signed in follow their groups at the provider.',
  }),
  nameClaim: z.string().min(1).default('email').meta({ description: 'The claim that holds the name of a person.' }),
  groupsClaim: z
    .string()
    .min(1)
    .default('groups')
    .meta({ description: 'The claim that holds the groups of a person.' }),
  users: z
    .array(NamePattern)
    .min(1)
    .optional()
    .meta({ description: 'People who may sign in by this provider. Default: all.', examples: [['*@example.com']] }),
  groups: z
    .array(z.string().min(1).max(200))
    .min(1)
    .optional()
    .meta({ description: 'Groups that are taken over from this provider. Default: all.', examples: [['sre']] }),
})
export type ProviderSettings = z.infer<typeof ProviderSettings>

/** What the ID token of a CI job has to say, and what the job may do then. */
const CiRule = z.strictObject({
  issuer: Issuer.meta({
    description: 'The address of the CI system that signs ID tokens.',
    examples: ['https://gitlab.example'],
  }),
  audience: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'The audience of the ID token. Default: `url`.', examples: ['https://vesemir.example'] }),
  claims: z
    .record(
      z.string().min(1),
      z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)], {
        error: 'is not a text, nor a list',
      }),
    )
    .refine((claims) => Object.keys(claims).length > 0, {
      error: 'names no claim: every job of the issuer would match, of whomever',
    })
    .meta({
      title: 'text, or list of texts, by claim',
      description: 'Claims that the ID token must have, each with one of its texts; * stands for any characters.',
      examples: [{ project_path: 'shop/payments' }],
    }),
  grants: z.array(Grant).min(1).max(20).meta({ description: 'What a job may do that matches.' }),
  expiresIn: Duration.default('1h')
    .refine((text) => durationMs(text) > 0 && durationMs(text) <= longestCiTokenMs, {
      error: 'is not a time up to 12h',
    })
    .meta({ description: 'How long the token of a job is valid.' }),
})
export type CiRule = z.infer<typeof CiRule> & { audience: string }
export type CiRules = Readonly<Record<string, CiRule>>

/** The API's settings, as `readConfig` checks them. */
export const ApiConfig = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').meta({ description: 'The address to listen on.' }),
    port: z.int().min(0).max(65_535).default(8080).meta({ description: 'The port to listen on; 0 takes a free one.' }),
    url: Url.optional().meta({
      description: 'How browsers reach the API, where a proxy stands before it.',
      examples: ['https://vesemir.example'],
    }),
    proxies: z
      .array(
        z
          .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'is not an IP address or range' })
          .meta({ title: 'address or network' }),
      )
      .default([])
      .meta({ description: 'Proxies whose X-Forwarded-For is believed.', examples: [['10.0.0.0/8']] }),
    tls: ServerTls.optional().meta({
      description: 'Serve HTTPS. Without it, a proxy must, or the API listens on this machine alone.',
    }),
    redis: RedisSettings,
    redisTls: RedisTls.optional().meta({
      description:
        'TLS to Redis, for a `rediss:` address; and with `sentinels`, where `{}` trusts the authorities of Node.js.',
    }),
    prefix: Name.default('vesemir').meta({
      description: 'The first part of every key in Redis. All processes of an installation have the same.',
    }),
    orders: z
      .union(
        [
          z.literal('unsigned'),
          z.strictObject({
            key: KeySource.meta({
              description: 'The key that signs what people ask for.',
              examples: ['/etc/vesemir/keys/orders.key'],
            }),
            otherKeys: z
              .array(KeySource)
              .default([])
              .meta({
                description: 'Public keys of other API processes, whose definitions and plans are accepted.',
                examples: [['/etc/vesemir/keys/other.pub']],
              }),
            recordPublicKeys: z
              .array(KeySource)
              .min(1)
              .meta({
                description: "The public keys of workers' records, by which changed records are noticed.",
                examples: [['/etc/vesemir/keys/record.pub']],
              }),
          }),
        ],
        { error: 'is needed: make keys with "vesemir keys make" and name orders.key and record.pub, or say unsigned' },
      )
      .meta({
        description:
          'The keys of signed orders (`vesemir keys make`), or `unsigned`: then whoever writes to Redis can start deployments.',
        examples: [{ key: '/etc/vesemir/keys/orders.key', recordPublicKeys: ['/etc/vesemir/keys/record.pub'] }],
      }),
    clusters: z
      .array(Name)
      .min(1)
      .meta({ description: 'The clusters that applications may name.', examples: [['eu']] }),
    tokens: z
      .record(Name, Token)
      .refine((tokens) => Object.keys(tokens).length > 0, {
        error: 'name at least one token, here or in VESEMIR_TOKENS',
      })
      .prefault({})
      .meta({ description: 'Access tokens by name; the name stands in records. At least one.' }),
    grants: z.array(GrantOfSettings).max(1000).default([]).meta({ description: 'Who may do what, and where.' }),
    signIn: z
      .record(Name, ProviderSettings)
      .default({})
      .meta({ description: 'Identity providers by name, for people (OpenID Connect).' }),
    ci: z
      .record(Name, CiRule)
      .default({})
      .meta({ description: 'CI jobs, which exchange their ID token for one of Vesemir.' }),
    protections: z
      .array(Protection)
      .max(100)
      .default([])
      .meta({ description: 'Rules for environments that no definition and no request can replace.' }),
    cookieSecret: z
      .string({ error: 'is not a text' })
      .min(32, { error: 'is shorter than 32 characters' })
      .optional()
      .meta({
        description:
          'Signs the cookies of browsers and seals tokens. The same in all API processes. Without it, sessions end with the process, and nobody can create tokens.',
        examples: ['the output of openssl rand -hex 32'],
      }),
    pageFolder: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'The folder of the web page. Default: the one of the package.',
        examples: ['/srv/vesemir/page'],
      }),
    archive: ArchiveSettings.optional().meta({
      description: 'Where workers archive deployments that are removed, to show them. Default: nowhere.',
    }),
    audit: z
      .strictObject({
        file: z
          .string()
          .startsWith('/', { error: 'is not an absolute path' })
          .optional()
          .meta({
            description: 'A file that gets one JSON object a line.',
            examples: ['/var/log/vesemir/audit.jsonl'],
          }),
        syslog: z
          .string()
          .regex(/^udp:\/\/(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/, { error: 'is not udp://host:port' })
          .optional()
          .meta({ description: 'A syslog server (RFC 5424).', examples: ['udp://log.example:514'] }),
        keepDays: z
          .number()
          .min(1)
          .max(36_500)
          .optional()
          .meta({ description: 'Days to keep entries in Redis; needs `file`. Default: for ever.', examples: [400] }),
      })
      // A datagram may be lost.
      .refine(({ file, keepDays }) => file !== undefined || keepDays === undefined, {
        path: ['keepDays'],
        error: 'needs audit.file: what is removed from Redis would be nowhere',
      })
      .prefault({})
      .meta({ description: 'Where entries of the audit log go besides Redis, and how long they stay there.' }),
    logLevel: LogLevel,
    metrics: MetricsSettings.optional().meta({ description: 'Where it serves /metrics. Default: nowhere.' }),
  })
  .superRefine(({ signIn, url, cookieSecret }, context) => {
    const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    const providers = Object.entries(signIn)
    if (providers.length > 0 && url === undefined)
      complain(['url'], 'is required by signIn: browsers return to this address')
    if (providers.length > 0 && cookieSecret === undefined) complain(['cookieSecret'], 'is required by signIn')
    for (const [name, { clientSecret, clientSecretFile }] of providers)
      if (clientSecret !== undefined && clientSecretFile !== undefined)
        complain(['signIn', name, 'clientSecretFile'], 'is set besides clientSecret: set one')
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

/** The environment variables that set a setting, by their names. */
export const environmentVariables: Readonly<Record<string, EnvironmentVariable>> = {
  ...redisVariables,
  VESEMIR_KEYS: { setting: 'orders', read: (folder) => keySettings(folder).api },
  VESEMIR_TOKENS: { setting: 'tokens', read: readTokens },
  VESEMIR_COOKIE_SECRET: { setting: 'cookieSecret' },
}

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
    variables: environmentVariables,
  })
  return { ...config, signIn: await readClientSecrets(config.signIn), pageFolder: config.pageFolder ?? builtPage() }
}

async function readClientSecrets(providers: ApiConfig['signIn']): Promise<ApiConfig['signIn']> {
  const complete = Object.entries(providers).map(async ([name, { clientSecretFile: file, ...provider }]) => {
    if (file === undefined) return [name, provider] as const
    return [name, { ...provider, clientSecret: await readSecret(file, `signIn.${name}.clientSecretFile`) }] as const
  })
  return Object.fromEntries(await readAll(complete))
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
