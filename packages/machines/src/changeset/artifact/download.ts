import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { open, type FileHandle } from 'node:fs/promises'
import { causeOf, openUrl, type Asking, type Rest } from './open-url.ts'
import { PassingFailure, retried } from './passing-failure.ts'
import { serverFailed, tooLarge } from './unavailable.ts'

/** How far a download has come, and by what the server would know the same file again. */
interface Progress {
  bytes: number
  validator: string | undefined
}

/**
 * Downloads a URL to a file. Where the server breaks off, stalls, or is overloaded, it is asked again: for the rest, when it can
 * tell that the file is still the same.
 * @throws {VesemirError} `ARTIFACT_SERVER_FAILED`, `ARTIFACT_UNAVAILABLE`, `ARTIFACT_TOO_LARGE`
 */
export async function download(url: string, path: string, asking: Asking): Promise<void> {
  await using file = await open(path, 'w', 0o600)
  const progress: Progress = { bytes: 0, validator: undefined }
  const { signal } = asking
  await retried(() => downloadRest(url, { file, progress, asking }), { signal, reached: () => progress.bytes })
}

async function downloadRest(
  url: string,
  { file, progress, asking }: { file: FileHandle; progress: Progress; asking: Asking },
): Promise<void> {
  const { bytes: fromByte, validator } = progress
  const rest: Rest | undefined = fromByte > 0 && validator !== undefined ? { fromByte, validator } : undefined
  const { response } = await openUrl(url, asking, rest)
  if (response.status !== 206) {
    await file.truncate(0)
    progress.bytes = 0
  } else if (!response.headers.get('content-range')?.startsWith(`bytes ${fromByte}-`)) {
    await response.body?.cancel()
    throw new PassingFailure(serverFailed(url, 'sent a different part of the file than requested'))
  }
  progress.validator = validatorOf(response.headers)
  await writeBody(url, response, { file, progress, asking })
}

async function writeBody(
  url: string,
  { body, headers }: Response,
  { file, progress, asking }: { file: FileHandle; progress: Progress; asking: Asking },
): Promise<void> {
  const length = headers.get('content-length')
  const total = length === null ? '' : ` of ${progress.bytes + Number(length)}`
  const reader = body?.getReader()
  try {
    for (;;) {
      const chunk = await nextChunk(url, { reader, asking, where: `after ${progress.bytes}${total} bytes` })
      if (!chunk) return
      if (progress.bytes + chunk.length > asking.maxBytes) throw tooLarge(url, asking.maxBytes)
      await writeAt(file, progress.bytes, chunk)
      progress.bytes += chunk.length
    }
  } finally {
    await reader?.cancel().catch(() => {})
  }
}

async function nextChunk(
  url: string,
  {
    reader,
    asking: { stallTimeoutMs, signal },
    where,
  }: { reader: ReadableStreamDefaultReader<Uint8Array> | undefined; asking: Asking; where: string },
): Promise<Uint8Array | undefined> {
  try {
    return (await withinTime({ timeoutMs: stallTimeoutMs, signal }, async () => reader?.read()))?.value
  } catch (error) {
    signal.throwIfAborted()
    const what =
      error instanceof TimeUp
        ? `sent no data for ${stallTimeoutMs / 1000} s ${where}`
        : `broke off ${where} (${causeOf(error).message})`
    throw new PassingFailure(serverFailed(url, what, error))
  }
}

async function writeAt(file: FileHandle, position: number, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}

/** RFC 9110, 13.1.5: a weak ETag cannot vouch for bytes. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag')
  return etag !== null && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? undefined)
}
