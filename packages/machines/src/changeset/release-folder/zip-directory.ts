import { ArchiveInvalid, checkMode, checkName } from './archive-invalid.ts'
import type { OnEntry } from './read-tar.ts'

// Of the PKWARE APPNOTE 6.3.10, chapter 4.3: signatures and offsets of the fields that are read.
const endOfDirectory = { signature: 0x06054b50, size: 22, directorySize: 12 }
const zip64End = { signature: 0x06064b50, size: 56, directorySize: 40 }
const zip64Locator = { size: 20 }
const entry = {
  signature: 0x02014b50,
  size: 46,
  unpackedSize: 24,
  nameLength: 28,
  extraLength: 30,
  commentLength: 32,
  system: 5,
  mode: 40,
}
/** The system that made a file: its external attributes begin with its mode then. */
const unix = 3
const permissions = 0o7777
const isInZip64 = 0xff_ff_ff_ff
const extraType = { zip64: 0x0001, unicodePath: 0x7075 }

// Enough for the directory of some 200,000 files.
const keptBytes = 32 * 1024 * 1024

/** Reads a zip as a stream and finds out, from the directory at its end, how much its contents are, and checks their names. */
export function createZipReader(onEntry: OnEntry) {
  const chunks: Uint8Array[] = []
  let bytes = 0
  let kept = 0
  return {
    take(chunk: Uint8Array): void {
      chunks.push(chunk)
      bytes += chunk.length
      kept += chunk.length
      while (kept - chunks[0]!.length >= keptBytes) kept -= chunks.shift()!.length
    },
    /** @throws {ArchiveInvalid} */
    unpackedBytes(): number {
      const tail = Buffer.concat(chunks)
      const end = findEnd(tail)
      if (end === undefined) throw damaged()
      const start = end.at - end.directorySize
      if (start < 0 && bytes > tail.length) throw new ArchiveInvalid('has too many files for a zip; build a tar.gz')
      if (start < 0) throw damaged()
      return sumOfEntries(tail.subarray(start, end.at), onEntry)
    },
  }
}

const damaged = () => new ArchiveInvalid('is truncated or damaged: it has no directory at its end')

function findEnd(tail: Buffer): { at: number; directorySize: number } | undefined {
  for (let at = tail.length - endOfDirectory.size; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== endOfDirectory.signature) continue
    const directorySize = tail.readUInt32LE(at + endOfDirectory.directorySize)
    const zip64At = at - zip64Locator.size - zip64End.size
    if (zip64At < 0 || tail.readUInt32LE(zip64At) !== zip64End.signature) return { at, directorySize }
    return { at: zip64At, directorySize: Number(tail.readBigUInt64LE(zip64At + zip64End.directorySize)) }
  }
  return undefined
}

function sumOfEntries(directory: Buffer, onEntry: OnEntry): number {
  let sum = 0
  for (let at = 0; at < directory.length;) {
    if (at + entry.size > directory.length || directory.readUInt32LE(at) !== entry.signature) throw damaged()
    const nameLength = directory.readUInt16LE(at + entry.nameLength)
    const extraLength = directory.readUInt16LE(at + entry.extraLength)
    const nameAt = at + entry.size
    const extraAt = nameAt + nameLength
    const extra = directory.subarray(extraAt, extraAt + extraLength)
    const name = directory.toString('utf8', nameAt, extraAt)
    checkName(name)
    const isFolder = name.endsWith('/')
    onEntry({ name, isFolder })
    // Of special files unzip makes ordinary ones: what zip is fed through a pipe is called one.
    if (!isFolder && directory[at + entry.system] === unix)
      checkMode(name, directory.readUInt16LE(at + entry.mode) & permissions)
    // Which some unzip by, in place of the other; it comes after a version and a sum of that.
    checkName(extraField(extra, extraType.unicodePath)?.toString('utf8', 5) ?? '')
    const unpackedSize = directory.readUInt32LE(at + entry.unpackedSize)
    // When it is long, it comes first of what is long.
    sum +=
      unpackedSize === isInZip64
        ? Number(extraField(extra, extraType.zip64)?.readBigUInt64LE() ?? isInZip64)
        : unpackedSize
    at = extraAt + extraLength + directory.readUInt16LE(at + entry.commentLength)
  }
  return sum
}

function extraField(extra: Buffer, type: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === type) return extra.subarray(at + 4, end)
    at = end
  }
  return undefined
}
