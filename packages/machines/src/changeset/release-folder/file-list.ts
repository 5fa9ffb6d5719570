import { createHash, type Hash } from 'node:crypto'
import type { OnTarEntry, TarEntry } from './read-tar.ts'

/** A file of a release. */
export interface ListedFile {
  bytes: number
  sha256: string
  /** Permissions. */
  mode: number
}

/** The files of an archive, by their paths in the release. Links to others and folders are not among them. */
export type FileList = ReadonlyMap<string, ListedFile>

/** How much of paths is kept of an archive, each with what is kept of its file: a small archive can hold millions of empty ones. */
const mostCharacters = 64 * 1024 * 1024
const charactersOfFile = 128

/**
 * Lists the files of a tar while it is read; none of a tar with more than a worker keeps, or with what could not be put together or verified
 * on a host: that is then sent as a whole.
 */
export function createFileList(): { see: OnTarEntry; files: () => FileList } {
  const files = new Map<string, ListedFile>()
  let characters = 0
  let isComplete = true
  return {
    see(entry) {
      characters += entry.name.length + charactersOfFile
      isComplete &&= characters <= mostCharacters && isCopied(entry)
      if (!isComplete) {
        files.clear()
        return undefined
      }
      const path = pathOf(entry.name)
      files.delete(path)
      switch (entry.kind) {
        case 'link': {
          const linked = files.get(pathOf(entry.link))
          if (linked) files.set(path, linked)
          return undefined
        }
        case 'file':
          return hashed(entry, (sha256) => files.set(path, { bytes: entry.bytes, sha256, mode: entry.mode }))
        case 'sparse':
        case 'other':
          return undefined
      }
    },
    files: () => files,
  }
}

/**
 * Whether a file is what its blocks say, which it is not where it has holes, its owner may read it, and put it in its folder, and its name is
 * known byte by byte.
 */
function isCopied({ kind, mode, name, isFolder }: TarEntry): boolean {
  if (kind === 'sparse' || name.includes(notUtf8)) return false
  if (isFolder) return (mode & 0o300) === 0o300
  return kind !== 'file' || (mode & 0o400) !== 0
}

/** What stands in text for bytes that are none in UTF-8. */
const notUtf8 = '\uFFFD'

/** Returns what takes the contents of a file, and tells their sum at their end. */
function hashed({ bytes }: TarEntry, onSum: (sha256: string) => void): ((piece: Buffer) => void) | undefined {
  const hash = createHash('sha256')
  let left = bytes
  if (left === 0) onSum(sumOf(hash))
  return (piece) => {
    if (left === 0) return
    const own = piece.subarray(0, left)
    hash.update(own)
    left -= own.length
    if (left === 0) onSum(sumOf(hash))
  }
}

function sumOf(hash: Hash): string {
  return hash.digest('hex')
}

/** Writes a name of an archive as `find` does: `./a//b/` is `a/b`. */
export function pathOf(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

/** The files below a folder, which is left out of their paths. */
export function filesBelow(files: FileList, folder: string | undefined): FileList {
  if (folder === undefined) return files
  const start = `${folder}/`
  return new Map(
    [...files].flatMap(([path, file]) => (path.startsWith(start) ? [[path.slice(start.length), file]] : [])),
  )
}

/** The one folder at the top that all files are in, if there is one. */
export function topFolderOf(files: FileList): string | undefined {
  const tops = new Set([...files.keys()].map((path) => (path.includes('/') ? path.split('/', 1)[0] : undefined)))
  return tops.size === 1 ? [...tops][0] : undefined
}

/** The sum by which a host says which files it has: of their sizes and paths, as scripts/copy-unchanged.sh makes it. */
export function sumOfPaths(files: FileList): string {
  return sumOfTexts([...files].map(([path, { bytes }]) => `${bytes} ${path}\0`).toSorted(byBytes))
}

/** The sum by which a host proves what it has put together: of the files' sums and paths, as scripts/copy-unchanged.sh makes it. */
export function sumOfContents(files: FileList): string {
  const inOrder = [...files].toSorted(([one], [other]) => byBytes(one, other))
  const sums = inOrder.map(([, { sha256 }]) => `${sha256}\n`)
  return sumOfTexts([...sums, ...inOrder.map(([path]) => `./${path}\0`)])
}

function sumOfTexts(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text)
  return hash.digest('hex')
}

/** As `sort` orders lines where the locale is C. */
function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** Reads what `writeFileList` has written; undefined for anything else. */
export function readFileList(text: string): FileList | undefined {
  try {
    return new Map(JSON.parse(text) as [string, ListedFile][])
  } catch {
    return undefined
  }
}

export function writeFileList(files: FileList): string {
  return JSON.stringify([...files])
}
