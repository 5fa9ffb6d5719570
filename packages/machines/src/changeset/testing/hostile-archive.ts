import { execFileSync } from 'node:child_process'
import { crc32, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Archive } from '@vesemir/contract'

/** A file or a link, under a name that no ordinary tool would write. */
export type HostileEntry =
  | { name: string; text: string; mode?: number }
  | { name: string; linkTo: string }
  | { name: string; special: keyof typeof specialFiles }

/** The letter of a tar's header, and the type in a file's mode. */
const specialFiles = {
  pipe: { letter: '6', type: 0o010000 },
  character: { letter: '3', type: 0o020000 },
  block: { letter: '4', type: 0o060000 },
}

/** Builds an archive byte by byte. */
export function hostileArchive(format: Exclude<Archive['format'], 'file'>, entries: readonly HostileEntry[]): Buffer {
  switch (format) {
    case 'tar':
      return tar(entries)
    case 'tar.xz':
      return execFileSync('xz', { input: tar(entries) })
    case 'tar.bz2':
      return execFileSync('bzip2', { input: tar(entries) })
    case 'tar.gz':
      return gzipSync(tar(entries))
    case 'tar.zst':
      return zstdCompressSync(tar(entries))
    case 'zip':
      return zip(entries)
  }
}

/** POSIX ustar: blocks of 512 bytes, numbers in octal. */
function tar(entries: readonly HostileEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = 'text' in entry ? Buffer.from(entry.text) : Buffer.alloc(0)
    const header = Buffer.alloc(512)
    header.write(entry.name, 0)
    header.write(`${(modeOf(entry) & 0o7777).toString(8).padStart(7, '0')}\0`, 100)
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write(' '.repeat(8), 148)
    header.write('special' in entry ? specialFiles[entry.special].letter : 'text' in entry ? '0' : '2', 156)
    if ('linkTo' in entry) header.write(entry.linkTo, 157)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

const unix = 3
const regularFile = 0o100000
const symbolicLink = 0o120777

function modeOf(entry: HostileEntry): number {
  if ('linkTo' in entry) return symbolicLink
  if ('special' in entry) return specialFiles[entry.special].type | 0o644
  return regularFile | (entry.mode ?? 0o644)
}

/** PKWARE APPNOTE, 4.3: each file stored as it is, then the directory. */
function zip(entries: readonly HostileEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name)
    const content = Buffer.from('text' in entry ? entry.text : 'linkTo' in entry ? entry.linkTo : '')
    const mode = modeOf(entry)
    const local = Buffer.concat([zipHeader(0x04034b50, { name, content }), name, content])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(mode * 0x10000, 6)
    tail.writeUInt32LE(at, 10)
    const central = zipHeader(0x02014b50, { name, content })
    directory.push(Buffer.concat([central, tail, name]))
    files.push(local)
    at += local.length
  }
  const end = Buffer.alloc(22)
  const size = directory.reduce((total, { length }) => total + length, 0)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...files, ...directory, end])
}

/** The part that both headers have; the directory's has the system that made the file before it. */
function zipHeader(signature: number, { name, content }: { name: Buffer; content: Buffer }): Buffer {
  const start = Buffer.alloc(signature === 0x02014b50 ? 6 : 4)
  start.writeUInt32LE(signature)
  if (start.length === 6) start.writeUInt8(unix, 5)
  const rest = Buffer.alloc(26)
  rest.writeUInt16LE(20)
  rest.writeUInt32LE(crc32(content), 10)
  rest.writeUInt32LE(content.length, 14)
  rest.writeUInt32LE(content.length, 18)
  rest.writeUInt16LE(name.length, 22)
  return Buffer.concat([start, rest])
}
