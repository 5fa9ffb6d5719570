import type { RedisMemory } from '@vesemir/contract'
import { describeRedisMemory, isNearlyFull, redisMemoryHint, type Clock } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import { repeat, withinTime } from '@vesemir/process/waiting'
import { readRedisMemory } from './redis-memory.ts'
import type { RedisClient } from './redis-client.ts'

interface WatchOptions {
  memoryLimitBytes?: number | undefined
  clock: Clock
  log: Pick<Log, 'warn' | 'info'>
  /** From one look to the next; 15 s. */
  intervalMs?: number
}

/** Looks now and then at how much memory Redis has in use. */
export interface RedisMemoryWatch extends AsyncDisposable {
  /** Returns what was found last; undefined while Redis does not answer, or does not let its user run INFO. */
  latest(): RedisMemory | undefined
}

const timeoutMs = 1000

/** Starts to watch Redis' memory: the log says once that little is left, and once that it is enough again. */
export function watchRedisMemory(redis: Pick<RedisClient, 'info'>, options: WatchOptions): RedisMemoryWatch {
  const { clock, log, intervalMs = 15_000 } = options
  let latest: RedisMemory | undefined
  let wasFull = false
  const look = async (signal: AbortSignal) => {
    latest = await withinTime({ timeoutMs, signal }, () => readRedisMemory(redis, options))
    const isFull = isNearlyFull(latest, wasFull)
    if (isFull === wasFull) return
    wasFull = isFull
    const told = { ...latest, detail: describeRedisMemory(latest) }
    if (isFull) log.warn({ ...told, hint: redisMemoryHint }, 'Redis has little memory left')
    else log.info(told, 'Redis has enough memory again')
  }
  // That Redis does not answer is told by those who need it.
  const watching = repeat(look, { clock, intervalMs, onError: () => (latest = undefined) })
  return { latest: () => latest, [Symbol.asyncDispose]: () => watching[Symbol.asyncDispose]() }
}
