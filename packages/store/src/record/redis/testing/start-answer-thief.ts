import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { Redis } from 'ioredis'

/** Stands between a client and Redis. */
export interface AnswerThief extends AsyncDisposable {
  redis: Redis
  /** Keeps the client's next answer to itself; when that has come, and then `meanwhile`, it cuts the connection. */
  steal(meanwhile: () => Promise<unknown>): void
}

/** Connects to a Redis on a loopback port by a proxy. */
export async function startAnswerThief(redisPort: number): Promise<AnswerThief> {
  let next: (() => Promise<unknown>) | undefined
  const proxy = createServer((client) => {
    const redis = connect(redisPort, '127.0.0.1')
    client.pipe(redis)
    redis.on('data', (answer) => {
      const meanwhile = next
      next = undefined
      if (meanwhile) void meanwhile().then(() => client.destroy())
      else client.write(answer)
    })
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const)
      one.on('error', () => {}).once('close', () => other.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const redis = new Redis({ port: (proxy.address() as AddressInfo).port, maxRetriesPerRequest: null })
  // It is cut off on purpose, and connects again.
  redis.on('error', () => {})
  return {
    redis,
    steal(meanwhile) {
      next = meanwhile
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect()
      await once(proxy.close(), 'close')
    },
  }
}
