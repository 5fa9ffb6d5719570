import type { Archive } from '@vesemir/contract'
import { createHash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { ArchiveInvalid } from './archive-invalid.ts'
import { readTar } from './read-tar.ts'
import { createZipReader } from './zip-directory.ts'

/**
 * Reads all of an archive for its sum and sizes, and finds out of which kind it is by what it holds: names lie, and URLs often
 * have none. One that is cut off or damaged, or would write outside of its folder, is found here, before any host is touched.
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
    unpackedBytes: (chunks) => measureTar(chunks, createGunzip()),
  },
  {
    name: 'tar.zst',
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    unpackedBytes: (chunks) => measureTar(chunks, createZstdDecompress()),
  },
  { name: 'zip', magic: Buffer.from('PK'), unpackedBytes: measureZip },
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

async function measureTar(chunks: AsyncIterable<Uint8Array>, unpacking: Transform): Promise<number> {
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
  async function* counted(unpacked: AsyncIterable<Buffer>) {
    for await (const chunk of unpacked) {
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    await pipeline(source, unpacking, counted, readTar)
    return bytes
  } catch (error) {
    if (failed !== undefined) throw failed
    if (error instanceof ArchiveInvalid) throw error
    throw new ArchiveInvalid(`is cut off or damaged: ${(error as Error).message}`, { cause: error })
  }
}

async function measureZip(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const reader = createZipReader()
  for await (const chunk of chunks) reader.take(chunk)
  return reader.unpackedBytes()
}
