import type { CommitChanges, PlanChanges, SettingChange } from '@vesemir/contract'
import { count } from './count.ts'

/** A part of what a deployment changes: a title, and a line for each change that is listed. */
export interface ChangesPart {
  title: string
  lines: string[]
}

interface Listed extends ChangesPart {
  /** How many changes there are, listed or not. */
  total: number
}

/** Commits are counted to here. */
const mostCounted = 1000

/**
 * Describes what a deployment changes besides the version: its commits, then its settings, at most `most` of each. Nothing is said of
 * what is not known.
 */
export function describePlanChanges(
  { commits, settings, settingsCount, since }: PlanChanges,
  { most = Infinity }: { most?: number } = {},
): ChangesPart[] {
  const parts = [
    ...(commits ? describeCommits(commits) : []),
    ...(since === undefined ? [] : [describeSettings(settings, { total: settingsCount, since })]),
  ]
  return parts.map(({ title, lines, total }) => {
    const shown = lines.slice(0, most)
    const more = total > mostCounted ? 'and more' : `and ${total - shown.length} more`
    return { title, lines: [...shown, ...(total > shown.length ? [more] : [])] }
  })
}

function describeCommits({ added, removed }: CommitChanges): Listed[] {
  const part = (what: string, { count: total, newest }: CommitChanges['added']): Listed => ({
    title: `${total > mostCounted ? `more than ${mostCounted} commits` : count(total, 'commit')} ${what}`,
    lines: newest.map(({ id, subject, author }) => `${id.slice(0, 8)} ${subject} (${author})`),
    total,
  })
  if (added.count + removed.count === 0) return [{ title: 'the same commit', lines: [], total: 0 }]
  return [
    ...(added.count > 0 ? [part('added', added)] : []),
    ...(removed.count > 0 ? [part('taken back', removed)] : []),
  ]
}

function describeSettings(
  settings: readonly SettingChange[],
  { total, since }: { total: number; since: string },
): Listed {
  const differ = `${count(total, 'setting')} ${total === 1 ? 'differs' : 'differ'} from ${since}`
  return {
    title: total === 0 ? `no settings differ from ${since}` : differ,
    lines: settings.map(describeSetting),
    total,
  }
}

/** Describes a setting that differs: `concurrency 2 → 4`; where its value may hold a secret, `hooks.afterDeploy changed`. */
function describeSetting({ field, change, before, after }: SettingChange): string {
  if (before === undefined && after === undefined) return `${field} ${change}`
  return `${field} ${before ?? 'not set'} → ${after ?? 'not set'}`
}
