import { VesemirError } from '@vesemir/core'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'

const packages: Readonly<Record<string, string>> = { xz: 'xz-utils', bzip2: 'bzip2' }

/**
 * Unpacks what Node cannot by a program of the worker, which is ended when nobody reads any more.
 * @throws {VesemirError} `WORKER_TOOL_MISSING`; an ordinary `Error` with the program's words when what it gets is damaged
 */
export async function* unpackByProgram(
  chunks: AsyncIterable<Uint8Array>,
  program: 'bzip2' | 'xz',
): AsyncGenerator<Buffer> {
  const child = spawn(program, ['-dcq'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  ended.catch(() => {})
  const complaints = text(child.stderr)
  // One that has ended takes no more: why is in its status.
  const fed = pipeline(chunks, child.stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') child.stdout.destroy(error)
  })
  try {
    yield* child.stdout as AsyncIterable<Buffer>
    const [code] = (await ended) as [number | null]
    await fed
    if (code !== 0) throw new Error((await complaints).trim() || `${program} ended with ${code}`)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? notInstalled(program) : error
  } finally {
    child.kill()
  }
}

function notInstalled(program: string): VesemirError {
  const message = `this worker has no ${program}, which it needs to read the artifact; install the package ${packages[program]}`
  return new VesemirError('WORKER_TOOL_MISSING', message)
}
