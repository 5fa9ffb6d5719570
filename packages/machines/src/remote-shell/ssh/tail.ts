/** Keeps the last bytes of a stream, and little more than these in memory. */
export function createTail(limitBytes: number): { write(chunk: Buffer): void; text(): string } {
  let chunks: Buffer[] = []
  let keptBytes = 0

  return {
    write(chunk) {
      chunks.push(chunk)
      keptBytes += chunk.length
      if (keptBytes < 2 * limitBytes) return
      // A copy, since a slice would keep all of what it was cut from.
      chunks = [Buffer.from(Buffer.concat(chunks).subarray(-limitBytes))]
      keptBytes = limitBytes
    },
    text() {
      const kept = Buffer.concat(chunks).subarray(-limitBytes)
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(kept.subarray(startOfCharacter(kept)))
    },
  }
}

/** Skips what the cut left of a character of several bytes. */
function startOfCharacter(bytes: Buffer): number {
  let start = 0
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1
  return start
}
