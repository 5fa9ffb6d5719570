import { createHash, randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VesemirError } from '@vesemir/core'
import type { RecordLines } from '../record/redis/create-records.ts'
import { readHead } from '../record/redis/read-record-lines.ts'
import type { Head } from '../record/redis/record-line.ts'
import { archiveNameOf, archivePrefixOf } from './archive-name.ts'
import type { ArchiveStorage, StoredFile } from './storage.ts'

/** Writes ended deployments into the archive. */
export interface Archiver {
  /**
   * Archives a deployment as it is, with its events and its output, and checks what was stored by reading it. Returns the number
   * of its last event; undefined where there is no such deployment.
   * @throws {VesemirError} `ARCHIVE_FAILED`
   */
  put(id: string): Promise<number | undefined>
}

/** Makes what writes into a storage. */
export function createArchiver({
  storage,
  recordLines,
}: {
  storage: ArchiveStorage
  recordLines: RecordLines
}): Archiver {
  return {
    async put(id) {
      const path = join(tmpdir(), `vesemir-archive-${randomUUID()}`)
      try {
        const written = await writeFile(path, recordLines.read(id))
        if (!written) return undefined
        const { head, sha256 } = written
        const name = archiveNameOf(head.deployment)
        await storage.put(name, { path, sha256 })
        if ((await hashOf(storage.read(name))) !== sha256)
          throw new VesemirError('ARCHIVE_FAILED', `${name} in the archive is not what was written`)
        const all = await storage.list(archivePrefixOf(head.deployment))
        await Promise.all(all.filter((other) => other !== name).map((other) => storage.remove(other)))
        return head.cursor
      } finally {
        await rm(path, { force: true })
      }
    },
  }
}

/** Writes lines into a new file, which only its owner can read. */
async function writeFile(
  path: string,
  lines: AsyncIterable<string>,
): Promise<(Pick<StoredFile, 'sha256'> & { head: Head }) | undefined> {
  await using file = await open(path, 'wx', 0o600)
  const sum = createHash('sha256')
  let head: Head | undefined
  for await (const line of lines) {
    head ??= readHead(line, 'the record')
    const text = `${line}\n`
    sum.update(text)
    await file.appendFile(text)
  }
  return head && { head, sha256: sum.digest('hex') }
}

async function hashOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash('sha256')
  for await (const piece of pieces) sum.update(piece)
  return sum.digest('hex')
}
