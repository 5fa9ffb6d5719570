/** What `changeset status --output` says of the next release. */
export interface ReleasePlan {
  changesets: readonly { summary: string; releases: readonly { type: Bump }[] }[]
  releases: readonly { newVersion: string }[]
}

type Bump = 'major' | 'minor' | 'patch' | 'none'

const headings: Record<Bump, string> = {
  major: 'What you have to change',
  minor: 'New',
  patch: 'Fixed',
  none: 'Other',
}

/** Returns the version of the next release: all packages have the same. Undefined where there is nothing to release. */
export function nextVersion({ releases }: ReleasePlan): string | undefined {
  return releases[0]?.newVersion
}

/** Writes what is new in a release, for those who run it: what they must do first, then what they may do, then what is better. */
export function releaseNotes({ changesets }: ReleasePlan): string {
  const byBump = Map.groupBy(changesets, (changeset) => strongest(changeset))
  return bumps
    .filter((bump) => byBump.has(bump))
    .map(
      (bump) =>
        `### ${headings[bump]}\n\n${byBump
          .get(bump)!
          .map(({ summary }) => asItem(summary))
          .join('\n')}`,
    )
    .join('\n\n')
}

const bumps = Object.keys(headings) as Bump[]

function strongest({ releases }: ReleasePlan['changesets'][number]): Bump {
  return bumps.find((bump) => releases.some(({ type }) => type === bump)) ?? 'none'
}

function asItem(summary: string): string {
  return `- ${summary.trim().replaceAll('\n', '\n  ')}`
}

/** Puts a release's notes above those of the releases before, below the page's own heading. */
export function addRelease(changelog: string, release: { version: string; date: string; notes: string }): string {
  const { version, date, notes } = release
  const section = `## ${version} (${date})\n\n${notes}\n`
  const before = changelog.search(/^## /m)
  return before === -1
    ? `${changelog.trimEnd()}\n\n${section}`
    : `${changelog.slice(0, before)}${section}\n${changelog.slice(before)}`
}
