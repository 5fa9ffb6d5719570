import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pathOf, type FileList } from './file-list.ts'
import { unpackTar, type TarFormat } from './measure-archive.ts'
import { readTar } from './read-tar.ts'
import { blockBytes, fileHeader } from './tar-header.ts'

/** The list in a delta of the base's files that are not copied, each ended by NUL: see scripts/copy-unchanged.sh. */
const othersName = '.vesemir-others'

/** The change from one release to another. */
interface Change {
  format: TarFormat
  /** The files of the release that is there, and of the one that is to be. */
  from: FileList
  to: FileList
  /** The folder at the top of the archive that is left out of the release. */
  folder: string | undefined
}

/** A delta as it is sent. */
export interface WrittenDelta {
  sha256: string
  bytes: number
}

/** Writes what an archive has and a release lacks to a file, as a tar.gz: every entry but the files that are the same in both. */
export async function writeDelta(
  archive: AsyncIterable<Uint8Array>,
  path: string,
  change: Change,
): Promise<WrittenDelta> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  const packing = createGzip()
  const packed = pack(archive, packing, change).catch((error: Error) => {
    packing.destroy(error)
    throw error
  })
  await Promise.all([packed, pipeline(packing, counted, createWriteStream(path, { mode: 0o600 }))])
  return { sha256: hash.digest('hex'), bytes }
}

async function pack(
  archive: AsyncIterable<Uint8Array>,
  packing: Writable,
  { format, from, to, folder }: Change,
): Promise<void> {
  const write = async (piece: Uint8Array) => {
    if (!packing.write(Buffer.from(piece))) await once(packing, 'drain')
  }
  const below = folder === undefined ? '' : `${folder}/`
  const isKept = (name: string) => {
    const path = pathOf(name)
    return path.startsWith(below) && isSame(path.slice(below.length), { from, to })
  }
  const others = Buffer.from(
    [...from.keys()]
      .filter((path) => !isSame(path, { from, to }))
      .map(endedByNul)
      .join(''),
  )
  for (const piece of [fileHeader(othersName, others.length), others, fillUp(others.length)]) await write(piece)
  await readTar(unpackTar(format, archive), (entry) => {
    for (const block of entry.globalBlocks) packing.write(block)
    if (entry.kind === 'file' && isKept(entry.name)) return undefined
    for (const block of entry.blocks) packing.write(block)
    return write
  })
  packing.end(Buffer.alloc(2 * blockBytes))
}

/** Whether a path is the same file in both. */
function isSame(path: string, { from, to }: Pick<Change, 'from' | 'to'>): boolean {
  const [was, is] = [from.get(path), to.get(path)]
  return was !== undefined && was.sha256 === is?.sha256 && was.bytes === is.bytes && was.mode === is.mode
}

function endedByNul(path: string): string {
  return `${path}\0`
}

function fillUp(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes)
}
