import type { DeploymentSpec, PlannedRelease } from '@vesemir/contract'

/** A version, and the commit that it was made from, where that is known. */
export interface Compared {
  version: string
  revision?: string | undefined
  /** Of a git changeset. */
  repository?: string | undefined
}

/** Returns a deployment's version with its commit: that of its git changeset, else the one that the request named. */
export function comparedOf(
  { version, revision }: Pick<DeploymentSpec, 'version' | 'revision'>,
  release: PlannedRelease,
): Compared {
  if (release.strategy === 'git') return { version, revision: release.commit, repository: release.repository }
  return { version, revision }
}

/**
 * Returns the address of the page that compares two versions: by the settings' template, else at the forge of a git changeset where its
 * pages are known and both are of its repository. Undefined where there is no template, or it wants a commit that is not known.
 */
export function compareUrl(
  { changes, changeset }: Pick<DeploymentSpec, 'changes' | 'changeset'>,
  { from, to }: { from: Compared; to: Compared },
): string | undefined {
  const isOfOne = changeset.strategy === 'git' && from.repository === changeset.repository
  const template = changes?.compareUrl ?? (isOfOne ? templateOf(changeset.repository) : undefined)
  if (template === undefined) return undefined
  const values: Record<string, string | undefined> = {
    from: from.version,
    to: to.version,
    fromRevision: from.revision,
    toRevision: to.revision,
  }
  const parts = template.split(/\{(from|to|fromRevision|toRevision)\}/)
  const filled = parts.map((part, index) => (index % 2 === 0 ? part : values[part]))
  if (filled.includes(undefined)) return undefined
  return filled.map((part, index) => (index % 2 === 0 ? part : encodeURIComponent(part!))).join('')
}

/** The pages of forges that everybody knows. A host of its own may run any. */
function templateOf(repository: string): string | undefined {
  const known = /^(?:https:\/\/|ssh:\/\/git@)(github\.com|gitlab\.com)\/(.+?)(?:\.git)?\/?$/.exec(repository)
  if (!known) return undefined
  const [, host, path] = known
  return `https://${host}/${path}/${host === 'gitlab.com' ? '-/' : ''}compare/{fromRevision}...{toRevision}`
}
