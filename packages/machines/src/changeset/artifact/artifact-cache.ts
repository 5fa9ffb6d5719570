import { VesemirError } from '@vesemir/core'
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** Artifacts on the worker's disk, by their SHA-256. Its calls may run at the same time, in other processes too. */
export interface ArtifactCache {
  /** Opens what has this sum, or this name in the folder, which counts as used now; nothing when it is not here. */
  open(name: string): Promise<FileHandle | undefined>
  /** Has a file filled, and keeps it under the sum that is returned with it. What was used longest ago makes room for it. */
  add<Filled extends { sha256: string }>(fill: (path: string) => Promise<Filled>): Promise<Filled>
  /** Removes what is not what its name says. */
  forget(sha256: string): Promise<void>
  /** Keeps a text about what has this sum, for as long as an artifact would be kept. */
  note(sha256: string, text: string): Promise<void>
  /** Returns the text that was kept last, which counts as used now. */
  noted(sha256: string): Promise<string | undefined>
  /** Has a file filled that is kept under this name, which begins with a dot, until a day after it was used last. */
  make<Filled>(name: `.${string}`, fill: (path: string) => Promise<Filled>): Promise<Filled>
}

interface CacheOptions {
  /** The worker's own: it is made when it is not there. */
  folder: string
  maxBytes: number
}

const leftOverMs = 24 * 3_600_000

/** Opens the cache in a folder. The artifact that was used last is kept whatever its size. */
export function createArtifactCache({ folder, maxBytes }: CacheOptions): ArtifactCache {
  const pathOf = (name: string) => join(folder, name)

  /** A file gets its name once it is whole: others may look for it meanwhile. */
  async function put<Filled>(
    fill: (path: string) => Promise<Filled>,
    nameOf: (filled: Filled) => string,
  ): Promise<Filled> {
    await makeFolder(folder)
    const made = pathOf(`.${randomUUID()}`)
    try {
      const filled = await fill(made)
      const now = new Date()
      await utimes(made, now, now)
      await rename(made, pathOf(nameOf(filled)))
      await makeRoom(folder, maxBytes)
      return filled
    } catch (error) {
      throw isOfDisk(error) ? unusable(folder, error) : error
    } finally {
      await rm(made, { force: true })
    }
  }

  return {
    async open(name) {
      const file = await open(pathOf(name)).catch(() => undefined)
      const now = new Date()
      await file?.utimes(now, now)
      return file
    },
    add: (fill) => put(fill, ({ sha256 }) => sha256),
    make: (name, fill) => put(fill, () => name),
    forget: (sha256) => rm(pathOf(sha256), { force: true }),
    async note(sha256, text) {
      await put(
        (path) => writeFile(path, text, { mode: 0o600 }),
        () => `${sha256}${noteEnd}`,
      )
    },
    async noted(sha256) {
      const path = `${pathOf(sha256)}${noteEnd}`
      const text = await readFile(path, 'utf8').catch(() => undefined)
      const now = new Date()
      if (text !== undefined) await utimes(path, now, now).catch(() => {})
      return text
    },
  }
}

const noteEnd = '.note'

/** Others on this machine must not read artifacts, nor put theirs in. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await stat(folder)).uid !== process.getuid?.()) throw new Error('it belongs to another user')
  } catch (error) {
    throw unusable(folder, error)
  }
}

async function makeRoom(folder: string, maxBytes: number): Promise<void> {
  let bytes = 0
  for (const { path, size, usedMs, isWhole } of await listFiles(folder)) {
    bytes += isWhole ? size : 0
    const hasRoom = bytes <= maxBytes || bytes === size
    if (isWhole ? !hasRoom : Date.now() - usedMs > leftOverMs) await rm(path, { force: true })
  }
}

/** The files of the cache, those that were used last before the others. */
async function listFiles(folder: string) {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name)
      const seen = await stat(path).catch(() => undefined)
      return {
        path,
        size: seen?.size ?? 0,
        usedMs: seen?.mtimeMs ?? 0,
        isWhole: /^[0-9a-f]{64}(?:\.note)?$/.test(name),
      }
    }),
  )
  return files.toSorted((a, b) => b.usedMs - a.usedMs)
}

function isOfDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function unusable(folder: string, cause: unknown): VesemirError {
  const message = `changesets.artifact.cache.folder: ${folder} on the worker cannot be written: ${(cause as Error).message}`
  return new VesemirError('CONFIG_INVALID', message, { cause })
}
