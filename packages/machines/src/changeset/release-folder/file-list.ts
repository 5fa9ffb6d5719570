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

/** Lists the files of a tar while it is read; none of a tar with more than a worker keeps, which is then sent as a whole. */
export function createFileList(): { see: OnTarEntry; files: () => FileList } {
  const files = new Map<string, ListedFile>()
  let characters = 0
  return {
    see(entry) {
      characters += entry.name.length + charactersOfFile
      if (characters > mostCharacters) {
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
        case 'other':
          return undefined
      }
    },
    files: () => files,
  }
}

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
  const lines = [...files].map(([path, { bytes }]) => Buffer.from(`${bytes} ${path}\0`))
  const hash = createHash('sha256')
  for (const line of lines.toSorted((one, other) => Buffer.compare(one, other))) hash.update(line)
  return hash.digest('hex')
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
