import { GitChangeset } from '@vesemir/contract'
import { GitFailed } from './run-git.ts'

/** A commit of another repository, in a folder of one. */
export interface Submodule {
  /** The folder, below the top of the repository. */
  path: string
  commit: string
  /** Undefined when .gitmodules has none for it, or one that is none of a repository that can be read. */
  repository: string | undefined
}

/** Lists the submodules of a commit, each by what its tree and .gitmodules say. */
export async function readSubmodules(
  commit: string,
  { repository, run }: { repository: string; run: (args: readonly string[]) => Promise<string> },
): Promise<Submodule[]> {
  const folders = await run(['ls-tree', '-r', '-d', '-z', '--full-tree', commit])
  const links = folders.split('\0').flatMap((line) => {
    const [, linked, path] = /^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(line) ?? []
    return linked !== undefined && path !== undefined ? [{ commit: linked, path }] : []
  })
  if (links.length === 0) return []
  const pattern = String.raw`^submodule\..*\.(path|url)$`
  const settings = await run(['config', '-z', '--blob', `${commit}:.gitmodules`, '--get-regexp', pattern]).catch(
    (error: unknown) => {
      if (error instanceof GitFailed) return ''
      throw error
    },
  )
  const urls = urlsByPath(settings)
  return links.map((link) => ({ ...link, repository: addressOf(urls.get(link.path), repository) }))
}

/** Git ends each setting by a zero, and its name by a line feed. */
function urlsByPath(settings: string): Map<string, string> {
  const modules = new Map<string, { path?: string; url?: string }>()
  for (const [, name, key, value] of settings.matchAll(/submodule\.(.*)\.(path|url)\n([^\0]*)\0/g))
    modules.set(name!, { ...modules.get(name!), [key!]: value! })
  return new Map(
    [...modules.values()].flatMap(({ path, url }) => (path !== undefined && url !== undefined ? [[path, url]] : [])),
  )
}

/** Resolves the URL of a submodule as gitmodules(5) has it: `./` and `../` go on from the repository, `host:path` is SSH. */
function addressOf(url: string | undefined, repository: string): string | undefined {
  if (url === undefined) return undefined
  const [, login = '', host, path] = /^([\w.-]+@)?([\w.-]+):(?!\/\/)\/?(.+)$/.exec(url) ?? []
  const address = host === undefined ? url : `ssh://${login}${host}/${path}`
  const absolute = /^\.{1,2}\//.test(address) ? URL.parse(address, `${repository}/`)?.href : address
  return GitChangeset.shape.repository.safeParse(absolute).data
}
