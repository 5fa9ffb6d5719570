import { chmod, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Folders of a library that hold what only its own developers run or read. */
const forDevelopers = new Set([
  'benchmark',
  'benchmarks',
  'docs',
  'example',
  'examples',
  'integration',
  'spec',
  'test',
  'tests',
])

/**
 * Removes from installed libraries what Node.js never reads: their tests and documentation, files for editors and tools, TypeScript, source
 * maps, and programs for another C library. No file stays executable: Node.js is given each by its name.
 */
export async function pruneModules(modules: string): Promise<void> {
  const entries = await readdir(modules, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const isUnread = entry.isDirectory() ? isFolderForDevelopers(path) : isFileForDevelopers(entry.name)
    if (isUnread || entry.name.startsWith('.')) await rm(path, { recursive: true, force: true })
    else if (entry.isFile()) await chmod(path, 0o644).catch(ignoreRemoved)
  }
}

/** Only beside the manifest: further below, a folder of this name may be code. */
function isFolderForDevelopers(path: string): boolean {
  const owner = dirname(path)
  const holder = basename(dirname(owner))
  const isPackage = !basename(owner).startsWith('@') && (holder === 'node_modules' || holder.startsWith('@'))
  return isPackage && forDevelopers.has(basename(path))
}

function isFileForDevelopers(name: string): boolean {
  return /\.[cm]?ts$|\.map$|\.musl\.node$/.test(name)
}

/** A file of a folder that is gone already. */
function ignoreRemoved(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
