/** A stream that is read by counts of bytes. */
export interface ByteStream {
  /** Returns so many bytes; fewer at the end. */
  take: (count: number) => Promise<Buffer>
  /** Returns what is at hand, so many bytes at most; none at the end. */
  next: (count: number) => Promise<Buffer>
  /** Leaves out so many bytes, fewer at the end, and tells how many they were. */
  skip: (count: number) => Promise<number>
  /** Returns how many bytes were taken or left out so far. */
  bytesRead: () => number
}

/** Reads chunks by counts of bytes. Little is copied: contents that are skipped are not. */
export function createByteStream(chunks: AsyncIterable<Buffer>): ByteStream {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let bytesRead = 0

  async function next(count: number): Promise<Buffer> {
    while (rest.length === 0) {
      const { done, value } = await iterator.next()
      if (done) return rest
      rest = value
    }
    const given = rest.subarray(0, count)
    rest = rest.subarray(given.length)
    bytesRead += given.length
    return given
  }

  return {
    bytesRead: () => bytesRead,
    next,
    async take(count) {
      const parts = [await next(count)]
      for (let left = count - parts[0]!.length; left > 0; left -= parts.at(-1)!.length) {
        const part = await next(left)
        if (part.length === 0) break
        parts.push(part)
      }
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    },
    async skip(count) {
      let skipped = 0
      while (skipped < count) {
        const { length } = await next(count - skipped)
        if (length === 0) break
        skipped += length
      }
      return skipped
    },
  }
}
