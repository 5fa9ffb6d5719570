import { z } from 'zod'
import { hasUrlCredentials } from './plain-secret.ts'
import { DeploymentId, Timestamp, Version } from './primitives.ts'
import { quoteValue } from './quote-value.ts'

/** Where people see what is between two versions. */
export const ChangesSettings = z.strictObject({
  compareUrl: z
    .string()
    .max(1000, { abort: true })
    .refine((url) => !hasUrlCredentials(url), { error: 'contains a password or a token', abort: true })
    .regex(/^https?:\/\/[^\s\\"<>]+$/, {
      error: ({ input }) => `${quoteValue(input)} is not an http: or https: URL`,
      abort: true,
    })
    .refine((url) => ['from', 'to'].every((end) => new RegExp(`\\{${end}(?:Revision)?\\}`).test(url)), {
      error:
        'needs {from} and {to}, which stand for versions, or {fromRevision} and {toRevision}, which stand for commits',
    })
    .meta({
      description:
        'Page that compares two versions: {from} and {to} are replaced by versions, {fromRevision} and {toRevision} by commits. Default: the page of github.com or gitlab.com, for a git changeset from there.',
      examples: ['https://git.example/payments/compare/v{from}...v{to}'],
    }),
})
export type ChangesSettings = z.infer<typeof ChangesSettings>

/** On how many hosts of a plan a version runs. */
export const RunningVersion = z.object({ version: Version, hosts: z.int() })
export type RunningVersion = z.infer<typeof RunningVersion>

/** A setting that differs from the deployment before. */
export const SettingChange = z.object({
  field: z.string().meta({ description: 'Path of the setting, such as rollout.maxFailures.' }),
  change: z.enum(['added', 'changed', 'removed']),
  before: z.string().optional().meta({ description: 'Absent where it was not set, or may hold a secret.' }),
  after: z.string().optional().meta({ description: 'Absent where it is not set, or may hold a secret.' }),
})
export type SettingChange = z.infer<typeof SettingChange>

/** A commit of a repository. */
export const Commit = z.object({ id: z.string(), subject: z.string(), author: z.string(), at: Timestamp })
export type Commit = z.infer<typeof Commit>

/** Commits that one release has and another lacks. */
const Commits = z.object({
  count: z.int().meta({ description: 'How many there are; 1001 where there are more than 1000.' }),
  newest: z.array(Commit).meta({ description: 'At most 20, newest first.' }),
})

/** How the history of a release differs from that of the release that runs. */
export const CommitChanges = z.object({
  from: z.string(),
  to: z.string(),
  added: Commits.meta({ description: 'Commits that the new release has.' }),
  removed: Commits.meta({ description: 'Commits that run now, and are not in the new release.' }),
})
export type CommitChanges = z.infer<typeof CommitChanges>

/** What a deployment changes, as it was found when it was planned. */
export const PlanChanges = z.object({
  running: z.array(RunningVersion).meta({
    description: 'What the hosts of the plan ran, most hosts first; hosts of which nothing is known are not counted.',
  }),
  since: DeploymentId.optional().meta({ description: 'The deployment before; absent where there is none.' }),
  settings: z
    .array(SettingChange)
    .meta({ description: 'The first 30 settings that differ from the deployment before.' }),
  settingsCount: z.int().meta({ description: 'How many settings differ.' }),
  commits: CommitChanges.optional().meta({ description: 'Of git changesets.' }),
  compareUrl: z
    .string()
    .optional()
    .meta({ description: 'Page that compares what most hosts ran with the new version.' }),
})
export type PlanChanges = z.infer<typeof PlanChanges>
