import { z } from 'zod'
import { isPlainTransport } from './is-plain-transport.ts'
import { hasUrlCredentials } from './plain-secret.ts'
import { CommandLine, Duration, HostPath, RelativePath } from './primitives.ts'
import { quoteValue } from './quote-value.ts'
import { Environment, Headers, isSecretReference } from './secret.ts'

/** A path that is not one of Vesemir's own files at the top of a release. */
const FileInRelease = RelativePath.refine((path) => !path.endsWith('/') && !path.startsWith('.vesemir-'), {
  error: ({ input }) => `${quoteValue(input)} is not the path of a file in the release, such as "payments.env"`,
})

/** What strategies have in common that keep a folder of releases on each host: `releases/<release>` and the link `current`. */
const ReleaseFolder = {
  directory: HostPath.meta({
    description:
      'The folder of releases/, shared/ and current on each host. {host} is replaced by the name of the host.',
  }),
  keepReleases: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .meta({ description: 'Releases to keep on each host, the current one included.' }),
  shared: z
    .array(RelativePath)
    .max(100)
    .default([])
    .refine((paths) => !paths.some((path) => isBelowAnother(path, paths)), { error: 'one path is below another' })
    .meta({
      description:
        'Paths that link to shared/ in every release. A missing folder ("log/") is created, a missing file is an error.',
    }),
  environmentFile: FileInRelease.optional().meta({
    description:
      'File to write into every release with the variables of the application: for EnvironmentFile= of systemd, and for sh.',
    examples: ['payments.env'],
  }),
  templates: z
    .array(
      z.strictObject({
        from: FileInRelease.meta({
          description: 'A file of the release with placeholders such as {{ LOG_LEVEL }}.',
          examples: ['config/app.yml.tmpl'],
        }),
        to: FileInRelease.meta({
          description: 'The file to write, with the variables in their places.',
          examples: ['config/app.yml'],
        }),
      }),
    )
    .max(50)
    .optional()
    .meta({
      description: 'Files to write into every release, made of templates in it and the variables of the application.',
    }),
  timeout: Duration.default('5m').meta({ description: 'Limit of putting the release on one host.' }),
}

function isBelowAnother(path: string, paths: readonly string[]): boolean {
  const folder = (other: string) => (other.endsWith('/') ? other : `${other}/`)
  return paths.some((other) => other !== path && folder(path).startsWith(folder(other)))
}

/** Refuses to write a file where a shared path is, or below it. */
const writesBesideShared = {
  check: ({ shared, environmentFile }: { shared: readonly string[]; environmentFile?: string | undefined }) =>
    environmentFile === undefined || !overlapsOne(environmentFile, shared),
  params: { error: 'is a path of shared, or one is below the other', path: ['environmentFile'] },
}

interface Written {
  shared: readonly string[]
  environmentFile?: string | undefined
  templates?: readonly { from: string; to: string }[] | undefined
}

/** Refuses templates that are not of the artifact, and files of them that take the place of others. */
function complainOfTemplates(
  { shared, environmentFile, templates = [] }: Written,
  context: z.core.$RefinementCtx,
): void {
  const complain = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path: ['templates', ...path], message })
  const ownFile = environmentFile === undefined ? [] : [environmentFile]
  const sources = templates.map(({ from }) => from)
  for (const [index, { from, to }] of templates.entries()) {
    if (overlapsOne(from, [...shared, ...ownFile])) complain([index, 'from'], 'is not a file of the artifact')
    const others = templates.slice(0, index).map((other) => other.to)
    if (overlapsOne(to, [...shared, ...ownFile, ...sources, ...others]))
      complain([index, 'to'], 'is the path of another file, or one is below the other')
  }
}

function overlapsOne(path: string, others: readonly string[]): boolean {
  return others.some(
    (other) => other.replace(/\/$/, '') === path || isBelowAnother(path, [other]) || isBelowAnother(other, [path]),
  )
}

/** A tar, packed or not, a zip, or a file as it is: checked, put into `releases/<release>` and made `current` by one rename. */
export const ArtifactChangeset = z
  .strictObject({
    strategy: z.literal('artifact'),
    url: z
      .string()
      .max(2000, { abort: true })
      .refine((url) => !hasUrlCredentials(url), {
        error: 'contains a password or a token; send it in headers, as Authorization: {secret: NAME}',
        abort: true,
      })
      .regex(/^(?:https?|file):\/\/[^\s\\]+$/, {
        error: ({ input }) => `${quoteValue(input)} is not a file:, http: or https: URL`,
      })
      .meta({
        description: '{version} is replaced by the version: https://artifacts.example/payments-{version}.tar.gz',
        examples: ['https://artifacts.example/payments-{version}.tar.gz'],
      }),
    headers: Headers.optional().meta({
      description:
        'Sent to the server of the URL, and to no other that it redirects to: Authorization: {secret: NAME}.',
    }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, {
        error: ({ input }) => `${JSON.stringify(input)} is not a SHA-256 in 64 lower-case hex digits`,
      })
      .optional()
      .meta({
        description: 'Default: the checksum seen while planning, for every host.',
        examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
      }),
    strip: z.int().min(0).max(1).default(0).meta({
      description: '1 omits the single top folder of the archive.',
    }),
    unpack: z.boolean().default(true).meta({
      description: 'false copies the file into the release unchanged: a jar, a war, a program.',
    }),
    fileName: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/, {
        error: ({ input }) => `${JSON.stringify(input)} is not the plain name of a file, such as "payments.jar"`,
      })
      .optional()
      .meta({
        description: 'File name in the release when unpack is false. Default: the name in the URL.',
        examples: ['payments.jar'],
      }),
    transfer: z.enum(['push', 'pull']).default('push').meta({
      description: 'Whether the worker uploads the artifact by SSH, or each host downloads it with curl or wget.',
    }),
    ...ReleaseFolder,
  })
  .refine(({ transfer, url }) => transfer === 'push' || !url.startsWith('file:'), {
    error: 'a host can fetch http: and https: URLs only',
    path: ['transfer'],
  })
  .refine(writesBesideShared.check, writesBesideShared.params)
  .refine(({ fileName, environmentFile }) => fileName === undefined || fileName !== environmentFile, {
    error: 'is the file name of the artifact',
    path: ['environmentFile'],
  })
  .refine(({ unpack, templates = [] }) => unpack || templates.length === 0, {
    error: 'needs unpack: true',
    path: ['templates'],
  })
  .superRefine(complainOfTemplates)
  .refine(({ unpack, strip }) => unpack || strip === 0, { error: 'needs unpack: true', path: ['strip'] })
  .refine(({ unpack, fileName }) => !unpack || fileName === undefined, {
    error: 'needs unpack: false',
    path: ['fileName'],
  })
  .refine(({ url, headers = {} }) => !isPlainTransport(url) || !Object.values(headers).some(isSecretReference), {
    error: 'holds a secret, which http: would send unencrypted: use https:',
    path: ['headers'],
  })
export type ArtifactChangeset = z.infer<typeof ArtifactChangeset>

/** Segments of plain names, none of them `.` or `..`. */
const path = String.raw`(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~+@-]+)+\/?`
const host = String.raw`[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?`

/** A revision of a repository: fetched and packed by the worker, then introduced as an artifact is. */
export const GitChangeset = z
  .strictObject({
    strategy: z.literal('git'),
    repository: z
      .string()
      .max(1000, { abort: true })
      .refine((repository) => !hasUrlCredentials(repository), {
        error: "holds a password or a token: the workers' git has its own credentials",
        abort: true,
      })
      .regex(
        new RegExp(`^(?:https:\\/\\/${host}|ssh:\\/\\/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?${host}|file:\\/\\/)${path}$`),
        {
          error: ({ input }) =>
            `${quoteValue(input)} is not a repository such as "https://git.example/payments.git" or "ssh://git@git.example/payments.git"`,
        },
      )
      .meta({ description: 'The address of the repository.', examples: ['https://git.example/payments.git'] }),
    revision: z
      .string()
      .max(200)
      .regex(/^(?!.*(?:\.\.|\/\/))[A-Za-z0-9{][A-Za-z0-9._/+{}-]*$/, {
        error: ({ input }) => `${JSON.stringify(input)} is not a tag, a branch or a commit`,
      })
      .default('{version}')
      .meta({ description: 'A tag, a branch or a full commit, in this order; {version} is replaced by the version.' }),
    ...ReleaseFolder,
  })
  .refine(writesBesideShared.check, writesBesideShared.params)
  .superRefine(complainOfTemplates)
export type GitChangeset = z.infer<typeof GitChangeset>

/** Commands run on the host one after another, with VESEMIR_* and variables of their own in their environment. */
export const CommandChangeset = z.strictObject({
  strategy: z.literal('command'),
  commands: z
    .array(CommandLine)
    .min(1)
    .max(50)
    .meta({
      description: 'Run one after another, with VESEMIR_VERSION and others in their environment.',
      examples: [['apt-get install -y payments=$VESEMIR_VERSION']],
    }),
  rollback: z.array(CommandLine).min(1).max(50).optional().meta({
    description: 'Commands that undo the others. Default: none, and a failed host is not rolled back.',
  }),
  environment: Environment.optional().meta({
    description: 'Variables of the commands, such as {TOKEN: {secret: NAME}}.',
  }),
  timeout: Duration.default('10m').meta({ description: 'Limit of each command.' }),
})
export type CommandChangeset = z.infer<typeof CommandChangeset>

export const Changeset = z.discriminatedUnion('strategy', [ArtifactChangeset, CommandChangeset, GitChangeset])
export type Changeset = z.infer<typeof Changeset>
