import type { FileHandle } from 'node:fs/promises'

const chunkBytes = 256 * 1024

/**
 * Reads an open file to its end, one chunk ahead. A chunk is good until the next is asked for: its memory is used again,
 * since V8 collects all garbage whenever some 30 MB of chunks were made. No stream, on purpose: one that is given up before
 * its first chunk was asked for says so by an event that nobody hears, and ends the process.
 */
export async function* readChunks(file: FileHandle): AsyncGenerator<Uint8Array> {
  const readInto = (buffer: Buffer) => file.read({ buffer })
  let reading = readInto(Buffer.allocUnsafeSlow(chunkBytes))
  let spare: Buffer = Buffer.allocUnsafeSlow(chunkBytes)
  try {
    for (;;) {
      const { bytesRead, buffer } = await reading
      if (bytesRead === 0) return
      reading = readInto(spare)
      spare = buffer
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await reading.catch(() => {})
  }
}

/** Passes on copies, for those who need more than one chunk at a time. */
export async function* kept(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}
