import { once } from 'node:events'
import { unlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { VesemirError } from '@vesemir/core'

/**
 * Holds a folder for as long as this process lives, by a socket that listens in it. What a process leaves that was killed
 * answers no more, and is taken over.
 * @throws {VesemirError} `STANDALONE_RUNS` when another process holds it
 */
export async function holdFolder(path: string): Promise<AsyncDisposable> {
  const socket = join(path, 'run.sock')
  if (await answers(socket))
    throw new VesemirError('STANDALONE_RUNS', `another Vesemir is already running with the data in ${path}`)
  await unlink(socket).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  const server = createServer((connection) => connection.destroy())
  server.listen(socket)
  await once(server, 'listening')
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket)
  try {
    await once(connection, 'connect')
    return true
  } catch {
    return false
  } finally {
    connection.destroy()
  }
}
