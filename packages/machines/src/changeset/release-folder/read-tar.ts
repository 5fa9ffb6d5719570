import { ArchiveInvalid, checkMode, checkName } from './archive-invalid.ts'
import { blockBytes } from './tar-header.ts'
import { createByteStream, type ByteStream } from './byte-stream.ts'

// POSIX.1-2017, pax, "ustar Interchange Format", and what GNU tar adds to it (its tar.h).
const field = {
  name: [0, 100],
  mode: [100, 108],
  size: [124, 136],
  sum: [148, 156],
  magic: [257, 263],
  link: [157, 257],
  prefix: [345, 500],
} as const
const typeAt = 156
/** What stands for devices and pipes, as the modes of files have it. */
const specialTypes: Record<string, number> = { '3': 0o020000, '4': 0o060000, '6': 0o010000 }
const moreOfMapAt = { header: 482, block: 504 }
/** An archive of a few megabytes can hold gigabytes of what is told, before a first file. */
const mostToldBytes = 1024 * 1024

/** What comes before an entry tells of it. */
interface Told {
  name?: string
  link?: string
  /** Of a file with holes: the other is then made up. */
  sparseName?: string
  size?: number
  /** How much tells it. */
  bytes?: number
  /** The blocks that tell it, and those that tell something of all entries from there on. */
  blocks?: Buffer[]
  globalBlocks?: Buffer[]
}

/** A file or a folder in an archive. */
export interface Entry {
  name: string
  isFolder: boolean
}

/** As it is in a tar. */
export interface TarEntry extends Entry {
  /** `other` is a folder, or a link by its path. */
  kind: 'file' | 'link' | 'sparse' | 'other'
  /** Permissions, as the header has them. */
  mode: number
  /** Of its contents, without what fills up their last block. */
  bytes: number
  /** The first of its contents, at most 512 bytes. */
  start: Buffer
  /** What a hard link leads to. */
  link: string
  /** The blocks before its contents, and those before them that tell something of later entries too. */
  blocks: readonly Buffer[]
  globalBlocks: readonly Buffer[]
}

export type OnEntry = (entry: Entry) => void

/** Takes an entry; what it returns takes its contents, piece by piece, filled up to whole blocks. */
export type OnTarEntry = (entry: TarEntry) => ((piece: Buffer) => void | Promise<void>) | void

/** Whether this is how a tar begins. */
export function isTar(start: Buffer): boolean {
  const sum = start.length < blockBytes ? Number.NaN : sumOf(start.subarray(0, blockBytes))
  return sum !== sumOfZeros && numberAt(start, field.sum) === sum
}

/**
 * Reads a tar to its end and checks each name in it. Returns how many bytes come before the zeros that end it. No library does
 * that: tar-stream takes files with holes, as `tar -S` packs them, for damage.
 * @throws {ArchiveInvalid}
 */
export async function readTar(chunks: AsyncIterable<Buffer>, onEntry: OnTarEntry): Promise<number> {
  const stream = createByteStream(chunks)
  let told: Told = {}
  let endsAt: number | undefined
  for (;;) {
    const at = stream.bytesRead()
    const header = await stream.take(blockBytes)
    if (header.length === 0) return endsAt ?? at
    const sum = sumOf(header)
    if (sum === sumOfZeros) {
      // BusyBox goes on behind one such block, and so do we for as long as there are headers.
      endsAt ??= at
    } else if (header.length === blockBytes && numberAt(header, field.sum) === sum) {
      told = await readEntry(header, { told, stream, onEntry })
    } else if (endsAt !== undefined) {
      await stream.skip(Infinity)
    } else {
      throw new ArchiveInvalid('is truncated or damaged, or no tar')
    }
  }
}

const sumOfZeros = 8 * 0x20

/** The sum of a header counts its own field as blanks. */
function sumOf(header: Buffer): number {
  const [start, end] = field.sum
  let sum = sumOfZeros
  for (let at = 0; at < start; at += 1) sum += header[at]!
  for (let at = end; at < header.length; at += 1) sum += header[at]!
  return sum
}

/** A number is in octal digits; or, with its first bit set, binary. */
function numberAt(header: Buffer, [start, end]: readonly [number, number]): number {
  if (header[start]! >= 0x80) return Number(header.readBigUInt64BE(end - 8))
  return Number.parseInt(header.toString('latin1', start, end), 8) || 0
}

async function readEntry(
  header: Buffer,
  { told, stream, onEntry }: { told: Told; stream: ByteStream; onEntry: OnTarEntry },
): Promise<Told> {
  const size = numberAt(header, field.size)
  const type = String.fromCharCode(header[typeAt]!)
  const blocks = [...(told.blocks ?? []), Buffer.from(header)]
  const toldBytes = (told.bytes ?? 0) + blockBytes + size
  switch (type) {
    case 'g': {
      const content = await readContent(stream, { size, toldBytes })
      const globalBlocks = [...(told.globalBlocks ?? []), Buffer.from(header), filledUp(content)]
      return { ...told, ...readRecords(content), bytes: toldBytes, globalBlocks }
    }
    case 'x':
    case 'X': {
      const content = await readContent(stream, { size, toldBytes })
      return { ...told, ...readRecords(content), bytes: toldBytes, blocks: [...blocks, filledUp(content)] }
    }
    case 'L':
    case 'K': {
      const content = await readContent(stream, { size, toldBytes })
      const path = content.toString().split('\0', 1)[0]!
      const named = type === 'L' ? { name: checked(path) } : { link: path }
      return { ...told, ...named, bytes: toldBytes, blocks: [...blocks, filledUp(content)] }
    }
    // A file with holes: where these are goes on in blocks of its own when the header has no room for it.
    case 'S':
      if (header[moreOfMapAt.header]) while ((await stream.take(blockBytes))[moreOfMapAt.block]);
  }
  // When it was told before, what is here is cut short.
  const name = told.sparseName ?? told.name ?? checked(nameIn(header))
  const isFolder = type === '5' || name.endsWith('/')
  // Folders hand on the group of where they were packed; unpacking takes that from them.
  if (!isFolder) checkMode(name, (specialTypes[type] ?? 0) | (numberAt(header, field.mode) & 0o7777))
  // Links and folders have no content, whatever is said to be its size.
  const bytes = /[1-6]/.test(type) ? 0 : (told.size ?? size)
  const start = await stream.take(Math.min(padded(bytes), blockBytes))
  const onPiece = onEntry({
    name,
    isFolder,
    start: start.subarray(0, bytes),
    kind: kindOf(type, { isFolder, hasHoles: told.sparseName !== undefined }),
    mode: numberAt(header, field.mode) & 0o7777,
    bytes,
    link: told.link ?? header.toString('utf8', ...field.link).split('\0', 1)[0]!,
    blocks,
    globalBlocks: told.globalBlocks ?? [],
  })
  const left = padded(bytes) - start.length
  if (onPiece) await onPiece(start)
  await (onPiece ? passContent(stream, left, onPiece) : skipContent(stream, left))
  return {}
}

/** Files of before POSIX have the type NUL; 7 is a file that once was to be contiguous. */
function kindOf(type: string, { isFolder, hasHoles }: { isFolder: boolean; hasHoles: boolean }): TarEntry['kind'] {
  if (type === '1') return 'link'
  if (type === 'S' || hasHoles) return 'sparse'
  return '\x0007'.includes(type) && !isFolder ? 'file' : 'other'
}

function nameIn(header: Buffer): string {
  const [name, magic, prefix] = [field.name, field.magic, field.prefix].map(
    (range) => header.toString('utf8', ...range).split('\0', 1)[0],
  )
  // GNU tar, whose magic ends otherwise, has other things there.
  const isPosix = magic === 'ustar'
  return isPosix && prefix ? `${prefix}/${name}` : name!
}

async function readContent(
  stream: ByteStream,
  { size, toldBytes }: { size: number; toldBytes: number },
): Promise<Buffer> {
  if (toldBytes > mostToldBytes) throw new ArchiveInvalid(`is damaged: it has a name of ${toldBytes} bytes`)
  return (await stream.take(padded(size))).subarray(0, size)
}

async function passContent(
  stream: ByteStream,
  size: number,
  onPiece: (piece: Buffer) => void | Promise<void>,
): Promise<void> {
  for (let left = padded(size); left > 0;) {
    const piece = await stream.next(left)
    if (piece.length === 0) throw new ArchiveInvalid('is truncated')
    left -= piece.length
    await onPiece(piece)
  }
}

/** A header's text in whole blocks, as it was read. */
function filledUp(content: Buffer): Buffer {
  return Buffer.concat([content], padded(content.length))
}

async function skipContent(stream: ByteStream, size: number): Promise<void> {
  if ((await stream.skip(padded(size))) < padded(size)) throw new ArchiveInvalid('is truncated')
}

const padded = (size: number) => Math.ceil(size / blockBytes) * blockBytes

/** Of pax: lines such as "18 path=some/file\n", which begin with how long they are. */
function readRecords(content: Buffer): Told {
  const told: Told = {}
  for (let at = 0; at < content.length;) {
    const [start, length] = /^(\d+) /.exec(content.toString('latin1', at, at + 20)) ?? []
    if (start === undefined || !(Number(length) > start.length)) throw new ArchiveInvalid('is damaged: a record of pax')
    const record = content.toString('utf8', at + start.length, at + Number(length) - 1)
    const [key, value] = [record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1)]
    at += Number(length)
    if (key === 'size') told.size = Number(value)
    if (key === 'path') told.name = checked(value)
    if (key === 'linkpath') told.link = value
    if (key === 'GNU.sparse.name') told.sparseName = checked(value)
  }
  return told
}

function checked(name: string): string {
  checkName(name)
  return name
}
