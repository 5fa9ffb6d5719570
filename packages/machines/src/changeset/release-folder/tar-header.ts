/** How a tar is divided (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const blockBytes = 512

/** Makes the header of a file that only its owner may read. */
export function fileHeader(name: string, bytes: number): Buffer {
  const header = Buffer.alloc(blockBytes)
  const write = (text: string, at: number) => header.write(text, at, 'latin1')
  write(name, 0)
  write('0000600\0', 100)
  write('0000000\0', 108)
  write('0000000\0', 116)
  write(`${bytes.toString(8).padStart(11, '0')}\0`, 124)
  write('00000000000\0', 136)
  write(' '.repeat(8), 148)
  write('0', 156)
  write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
