import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

/**
 * Has all commands of one turn of the event loop go out in one write, where ioredis makes a system call for each. Its own
 * pipelining has one pipeline on its way at a time, so that process and Redis wait for each other; here nothing waits, and
 * transactions and blocking commands stay what they are.
 */
export function gatherCommands<Client extends RedisClient>(redis: Client): Client {
  // Nodes of a Redis Cluster come and go.
  if (redis instanceof Cluster) redis.on('+node', (node: Redis) => gatherCommands(node))
  else redis.on('connect', () => gatherWrites((redis as Redis).stream))
  return redis
}

function gatherWrites(stream: Redis['stream']): void {
  const write = stream.write.bind(stream)
  const gathered = (command: string | Uint8Array) => {
    if (stream.writableCorked === 0) {
      stream.cork()
      setImmediate(() => stream.uncork())
    }
    // Of texts Node.js makes one copy for each write, three times as large as they are long; buffers go out as they are.
    return write(typeof command === 'string' ? Buffer.from(command) : command)
  }
  Object.assign(stream, { write: gathered })
}
