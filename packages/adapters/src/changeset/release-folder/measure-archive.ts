import type { Archive } from '@vesemir/contract'
import { createHash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { createZipReader } from './zip-directory.ts'

/** An archive that is none, or not whole. */
export class ArchiveInvalid extends Error {
  override readonly name = 'ArchiveInvalid'
}

/**
 * Reads all of an archive for its sum and sizes, and finds out of which kind it is by what it holds: names lie, and URLs often
 * have none. One that is cut off or damaged is found here, before any host is touched.
 * @throws {ArchiveInvalid}
 */
export async function measureArchive(chunks: AsyncIterable<Uint8Array>): Promise<Archive> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* seen() {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  const reading = seen()
  try {
    const start = await readStart(reading)
    const format = formats.find(({ magic }) => start.subarray(0, magic.length).equals(magic))
    if (!format) throw new ArchiveInvalid('is neither a tar.gz, nor a tar.zst, nor a zip')
    const unpackedBytes = await format.unpackedBytes(joined(start, reading))
    return { format: format.name, sha256: hash.digest('hex'), bytes, unpackedBytes }
  } finally {
    await reading.return(undefined)
  }
}

const formats: {
  name: Archive['format']
  magic: Buffer
  unpackedBytes: (chunks: AsyncIterable<Uint8Array>) => Promise<number>
}[] = [
  {
    name: 'tar.gz',
    magic: Buffer.from([0x1f, 0x8b]),
    unpackedBytes: (chunks) => countUnpacked(chunks, createGunzip()),
  },
  {
    name: 'tar.zst',
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    unpackedBytes: (chunks) => countUnpacked(chunks, createZstdDecompress()),
  },
  { name: 'zip', magic: Buffer.from('PK'), unpackedBytes: countZip },
]

const longestMagic = 4

async function readStart(reading: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  let start = Buffer.alloc(0)
  while (start.length < longestMagic) {
    const { done, value } = await reading.next()
    if (done) break
    start = Buffer.concat([start, value])
  }
  return start
}

async function* joined(start: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start
  yield* rest
}

async function countUnpacked(chunks: AsyncIterable<Uint8Array>, unpacking: Transform): Promise<number> {
  let bytes = 0
  let failed: unknown
  async function* source() {
    try {
      yield* chunks
    } catch (error) {
      failed = error
      throw error
    }
  }
  try {
    await pipeline(source, unpacking, async (unpacked: AsyncIterable<Buffer>) => {
      for await (const chunk of unpacked) bytes += chunk.length
    })
    return bytes
  } catch (error) {
    if (failed !== undefined) throw failed
    throw new ArchiveInvalid(`is cut off or damaged: ${(error as Error).message}`, { cause: error })
  }
}

async function countZip(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const reader = createZipReader()
  for await (const chunk of chunks) reader.take(chunk)
  const bytes = reader.unpackedBytes()
  if (bytes === undefined) throw new ArchiveInvalid('is cut off or damaged: it has no directory at its end')
  return bytes
}
