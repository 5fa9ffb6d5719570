// Of the PKWARE APPNOTE 6.3.10, chapter 4.3: signatures and offsets of the fields that are read.
const endOfDirectory = { signature: 0x06054b50, size: 22, directorySize: 12 }
const zip64End = { signature: 0x06064b50, size: 56, directorySize: 40 }
const zip64Locator = { size: 20 }
const entry = { signature: 0x02014b50, size: 46, unpackedSize: 24, nameLength: 28, extraLength: 30, commentLength: 32 }
const isInZip64 = 0xff_ff_ff_ff

// Enough for the directory of some 100,000 files.
const keptBytes = 16 * 1024 * 1024

/** Reads a zip as a stream and finds out, from the directory at its end, how much its contents are. */
export function createZipReader() {
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
    /** Gives undefined when there is no directory, and the size of the file when the directory is too long to be read. */
    unpackedBytes(): number | undefined {
      const tail = Buffer.concat(chunks)
      const end = findEnd(tail)
      if (end === undefined) return undefined
      const start = end.at - end.directorySize
      if (start < 0) return bytes > tail.length ? bytes : undefined
      return sumOfEntries(tail.subarray(start, end.at))
    },
  }
}

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

function sumOfEntries(directory: Buffer): number | undefined {
  let sum = 0
  for (let at = 0; at < directory.length;) {
    if (at + entry.size > directory.length || directory.readUInt32LE(at) !== entry.signature) return undefined
    const nameLength = directory.readUInt16LE(at + entry.nameLength)
    const extraLength = directory.readUInt16LE(at + entry.extraLength)
    const extraAt = at + entry.size + nameLength
    const unpackedSize = directory.readUInt32LE(at + entry.unpackedSize)
    sum += unpackedSize === isInZip64 ? zip64Size(directory.subarray(extraAt, extraAt + extraLength)) : unpackedSize
    at = extraAt + extraLength + directory.readUInt16LE(at + entry.commentLength)
  }
  return sum
}

/** The unpacked size comes first in the extra field of type 1. */
function zip64Size(extra: Buffer): number {
  for (let at = 0; at + 12 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1) return Number(extra.readBigUInt64LE(at + 4))
  return isInZip64
}
