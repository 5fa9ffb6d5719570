import { setImmediate, setTimeout } from 'node:timers/promises'
import { z } from 'zod'

/** A worker's settings for what it sends to hosts. */
export const UploadsOptions = z.strictObject({
  bytesPerSecond: z
    .int()
    .min(10_000)
    .optional()
    .meta({ description: 'Limit of all uploads of this worker to the cluster together.', examples: [10_000_000] }),
})
export type UploadsOptions = z.infer<typeof UploadsOptions>

/** What a worker's uploads share: its bandwidth. */
export interface Uploads {
  /** Passes chunks on, in pieces, each when its turn has come. When the signal is aborted, it waits no longer. */
  paced: (chunks: AsyncIterable<Uint8Array>, signal: AbortSignal) => AsyncGenerator<Uint8Array>
}

const mostTurnBytes = 256 * 1024
// Timers are not more exact than this is long.
const shortestWaitMs = 10

/**
 * Lets uploads take turns: one piece of each after the other, in the order in which they asked, so that the many get the
 * same share and one that comes later does not wait for those before it. With a limit, a turn lasts as long as its bytes
 * may take.
 */
export function createUploads({ bytesPerSecond }: UploadsOptions): Uploads {
  const turnBytes = Math.min(mostTurnBytes, Math.ceil((bytesPerSecond ?? Infinity) / 20))
  let last = Promise.resolve()
  let freeAtMs = 0

  async function spend(bytes: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    if (bytesPerSecond === undefined) return setImmediate()
    const nowMs = performance.now()
    freeAtMs = Math.max(freeAtMs, nowMs) + (bytes / bytesPerSecond) * 1000
    if (freeAtMs - nowMs > shortestWaitMs) await setTimeout(freeAtMs - nowMs, undefined, { signal }).catch(() => {})
  }

  return {
    async *paced(chunks, signal) {
      for await (const chunk of chunks) {
        for (let start = 0; start < chunk.length; start += turnBytes) {
          const piece = chunk.subarray(start, start + turnBytes)
          last = last.then(() => spend(piece.length, signal))
          await last
          yield piece
        }
      }
    },
  }
}
