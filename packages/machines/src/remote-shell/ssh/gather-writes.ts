import type { Duplex } from 'node:stream'

/**
 * Has all that is written to a stream in one turn of the event loop go out at once. ssh2 writes each packet in up to three
 * parts, its length, content and tag: with TCP_NODELAY each would be a system call and a segment of its own.
 */
export function gatherWrites<Stream extends Duplex>(stream: Stream): Stream {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
  const gathered = (...args: unknown[]) => {
    if (stream.writableCorked === 0) {
      stream.cork()
      setImmediate(() => stream.uncork())
    }
    return write(...args)
  }
  return Object.assign(stream, { write: gathered })
}
