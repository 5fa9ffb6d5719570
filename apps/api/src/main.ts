import { createSystemClock } from '@vesemir/adapters/clock'
import { createQueues } from '@vesemir/adapters/queue'
import { createRecords } from '@vesemir/adapters/record'
import { isVesemirError } from '@vesemir/core'
import { destination, pino } from 'pino'
import { buildApp } from './app.ts'
import { readConfig, type ApiConfig } from './config.ts'
import { connectRedis } from './connect-redis.ts'

/** A system call for the line of each request would be an eighth of a busy API; pino writes what is left when the process ends. */
const logBytesAtOnce = 8 * 1024
const logDelayMs = 100

/** People see no difference below a tenth of a second, and each piece of news is a message to every viewer. */
const newsRestMs = 80

try {
  await serve(await readConfig(process.env))
} catch (error) {
  if (!isVesemirError(error, 'CONFIG_INVALID')) throw error
  console.error(error.message)
  process.exitCode = 2
}

/** Serves until SIGTERM or SIGINT; then viewers are told to come back, and what is being answered is. */
async function serve(config: ApiConfig): Promise<void> {
  const log = pino(
    { level: config.logLevel, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    destination({ sync: false, minLength: logBytesAtOnce, periodicFlush: logDelayMs }),
  )
  const onError = (err: Error) => log.warn({ err }, 'redis connection failed')
  using connection = await connectRedis(config.redis, onError)
  const { redis, isReachable: isRedisReachable } = connection
  const clock = createSystemClock()
  await using records = createRecords(redis, { clock, prefix: config.prefix, newsRestMs })
  await using queues = createQueues(redis, { clusters: config.clusters, prefix: config.prefix, onError })
  const app = await buildApp({ records, queues, isRedisReachable, clock, log }, config)
  const signal = untilSignalled()
  await app.listen({ host: config.host, port: config.port })
  log.info({ signal: await signal }, 'closing')
  await app.close()
}

async function untilSignalled(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve)
  return promise
}
