import { randomUUID } from 'node:crypto'
import { createReadStream, type Dirent } from 'node:fs'
import { chmod, copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { VesemirError } from '@vesemir/core'
import type { ArchiveStorage } from './storage.ts'

/** What is being written; lists leave it out. */
const partSuffix = '.part'

/** Stores files in a folder. A file gets its name when it is on the disk whole. */
export function createFolderStorage(folder: string): ArchiveStorage {
  const pathOf = (name: string) => join(folder, name)
  return {
    put: (name, { path }) => attempt(`write ${pathOf(name)}`, () => putWhole(path, pathOf(name))),
    async *read(name) {
      try {
        yield* createReadStream(pathOf(name)) as AsyncIterable<Buffer>
      } catch (cause) {
        throw failed(`read ${pathOf(name)}`, cause)
      }
    },
    list: (prefix) =>
      attempt(`list ${folder}`, async () => {
        const below = pathOf(prefix.slice(0, prefix.lastIndexOf('/') + 1))
        const found = await readdir(below, { recursive: true, withFileTypes: true }).catch(emptyWhereMissing(prefix))
        const names = found
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
        return names.filter((name) => name.startsWith(prefix) && !name.endsWith(partSuffix))
      }),
    remove: (name) => attempt(`remove ${pathOf(name)}`, () => rm(pathOf(name), { force: true })),
  }
}

async function putWhole(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { mode: 0o750 }).catch(fineWhereThere)
  const part = join(dirname(target), `${randomUUID()}${partSuffix}`)
  try {
    await copyFile(source, part)
    // The API may run as another user of the same group.
    await chmod(part, 0o640)
    await flush(part)
    await rename(part, target)
    await flush(dirname(target))
    // The folder of the month may be new.
    await flush(dirname(dirname(target)))
  } finally {
    await rm(part, { force: true })
  }
}

/** Has a file, or the names in a folder, written to the disk. */
async function flush(path: string): Promise<void> {
  await using handle = await open(path)
  await handle.sync()
}

function fineWhereThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

/** The folder of a month is made with its first file; the archive's own has to be there, or a disk that is not mounted would pass for empty. */
function emptyWhereMissing(prefix: string) {
  return (error: NodeJS.ErrnoException): Dirent[] => {
    if (prefix.includes('/') && error.code === 'ENOENT') return []
    throw error
  }
}

async function attempt<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    throw failed(what, cause)
  }
}

function failed(what: string, cause: unknown): VesemirError {
  const { code = 'it failed' } = cause as NodeJS.ErrnoException
  return new VesemirError('ARCHIVE_FAILED', `failed to ${what}: ${code}`, { cause })
}
