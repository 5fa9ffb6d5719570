import type { Archive } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { ArchiveInvalid } from './archive-invalid.ts'
import { isTar, readTar, type OnEntry, type OnTarEntry } from './read-tar.ts'
import { createTopFolder } from './top-folder.ts'
import { unpackByProgram } from './unpack-by-program.ts'
import { createZipReader } from './zip-directory.ts'

/**
 * Reads all of an archive for its sum and sizes, and finds out of which kind it is by what it holds: names lie, and URLs often
 * have none. One that is truncated or damaged, or would write outside of its folder, is found here, before any host is touched.
 * @throws {ArchiveInvalid}
 * @throws {VesemirError} `WORKER_TOOL_MISSING`, `ARTIFACT_TOO_LARGE` past `maxUnpackedBytes`
 */
export function measureArchive(
  chunks: AsyncIterable<Uint8Array>,
  { maxUnpackedBytes = Infinity, onTarEntry }: { maxUnpackedBytes?: number; onTarEntry?: OnTarEntry } = {},
): Promise<Archive> {
  return measure(chunks, async (seen) => {
    const start = await readStart(seen)
    const format = formats.find(({ matches }) => matches(start))
    if (!format) throw new ArchiveInvalid(`is none of ${formats.map(({ name }) => name).join(', ')}`)
    const top = createTopFolder()
    let hasSetIdFolders = false
    const measureContents = isTarFormat(format.name) ? tarIn(unpacks[format.name]) : measureZip
    const unpackedBytes = await measureContents(joined(start, seen), {
      onEntry: top.see,
      onTarEntry: (entry) => {
        hasSetIdFolders ||= (entry.mode & setsIds) !== 0
        return onTarEntry?.(entry)
      },
      maxUnpackedBytes,
    })
    const folder = top.name()
    return {
      format: format.name,
      unpackedBytes,
      ...(folder !== undefined && { folder }),
      ...(isTarFormat(format.name) && { hasSetIdFolders }),
    }
  })
}

/** Reads all of a file that is taken as it is, for its sum and size. */
export function measureFile(chunks: AsyncIterable<Uint8Array>): Promise<Archive> {
  return measure(chunks, async (seen) => {
    let unpackedBytes = 0
    for await (const { length } of seen) unpackedBytes += length
    return { format: 'file', unpackedBytes, hasSetIdFolders: false }
  })
}

async function measure(
  chunks: AsyncIterable<Uint8Array>,
  look: (seen: AsyncGenerator<Uint8Array>) => Promise<Omit<Archive, 'sha256' | 'bytes'>>,
): Promise<Archive> {
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
    const found = await look(reading)
    return { sha256: hash.digest('hex'), bytes, ...found }
  } finally {
    await reading.return(undefined)
  }
}

interface Looking {
  onEntry: OnEntry
  onTarEntry: OnTarEntry | undefined
  maxUnpackedBytes: number
}

type Unpack = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

type ArchiveFormat = Exclude<Archive['format'], 'file'>

/** A tar, compressed or not. */
export type TarFormat = Exclude<ArchiveFormat, 'zip'>

const unpacks: Record<TarFormat, Unpack> = {
  tar: (chunks) => chunks,
  'tar.gz': by(createGunzip),
  'tar.zst': by(createZstdDecompress),
  'tar.xz': (chunks) => unpackByProgram(chunks, 'xz'),
  'tar.bz2': (chunks) => unpackByProgram(chunks, 'bzip2'),
}

const formats: { name: ArchiveFormat; matches: (start: Buffer) => boolean }[] = [
  { name: 'tar.gz', matches: begins(0x1f, 0x8b) },
  { name: 'tar.zst', matches: begins(0x28, 0xb5, 0x2f, 0xfd) },
  { name: 'tar.xz', matches: begins(0xfd, 0x37, 0x7a, 0x58, 0x5a) },
  { name: 'tar.bz2', matches: begins(0x42, 0x5a, 0x68) },
  { name: 'zip', matches: begins(0x50, 0x4b) },
  { name: 'tar', matches: isTar },
]

export function isTarFormat(format: Archive['format']): format is TarFormat {
  return Object.hasOwn(unpacks, format)
}

/** Returns the tar in an archive. */
export async function* unpackTar(format: TarFormat, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of unpacks[format](chunks)) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
}

const startBytes = 512

// POSIX.1-2017, sys/stat.h: S_ISUID and S_ISGID.
const setsIds = 0o6000

function begins(...bytes: number[]): (start: Buffer) => boolean {
  return (start) => start.subarray(0, bytes.length).equals(Buffer.from(bytes))
}

async function readStart(reading: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  let start = Buffer.alloc(0)
  while (start.length < startBytes) {
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

function tarIn(unpack: Unpack) {
  return (chunks: AsyncIterable<Uint8Array>, looking: Looking) => measureTar(chunks, { unpack, ...looking })
}

/** Whoever reads what a stream unpacks hears of what went wrong before it. */
function by(create: () => Transform): Unpack {
  return (chunks) => {
    const unpacking = create()
    pipeline(chunks, unpacking).catch((error: Error) => unpacking.destroy(error))
    return unpacking
  }
}

async function measureTar(
  chunks: AsyncIterable<Uint8Array>,
  { unpack, onEntry, onTarEntry, maxUnpackedBytes }: Looking & { unpack: Unpack },
): Promise<number> {
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
  async function* counted() {
    for await (const chunk of unpack(source())) {
      bytes += chunk.length
      if (bytes > maxUnpackedBytes) throw tooLarge(maxUnpackedBytes)
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    }
  }
  try {
    await readTar(counted(), (entry) => {
      onEntry(entry)
      return onTarEntry?.(entry)
    })
    return bytes
  } catch (error) {
    if (failed !== undefined) throw failed
    if (error instanceof ArchiveInvalid || error instanceof VesemirError) throw error
    throw new ArchiveInvalid(`is truncated or damaged: ${(error as Error).message}`, { cause: error })
  }
}

async function measureZip(chunks: AsyncIterable<Uint8Array>, { onEntry, maxUnpackedBytes }: Looking): Promise<number> {
  const reader = createZipReader(onEntry)
  for await (const chunk of chunks) reader.take(chunk)
  const bytes = reader.unpackedBytes()
  if (bytes > maxUnpackedBytes) throw tooLarge(maxUnpackedBytes)
  return bytes
}

function tooLarge(maxUnpackedBytes: number): VesemirError {
  const message = `the archive unpacks to more than ${maxUnpackedBytes} bytes`
  return new VesemirError('ARTIFACT_TOO_LARGE', message)
}
