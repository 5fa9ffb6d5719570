import type { Clock } from '@vesemir/core'
import { Cluster } from 'ioredis'
import type { RedisClient } from '../redis/redis-client.ts'
import { createSystemClock } from '@vesemir/process/clock'

/** A clock that shows Redis's time of day. Dispose of it to measure no more. */
export interface RedisClock extends Clock, Disposable {
  /** Settles when Redis was asked for the first time. Until it answers, the time of day is this machine's. */
  readonly ready: Promise<void>
}

/** Machines drift apart by some ten milliseconds in a quarter of an hour at the worst, and clocks are set by people. */
const measureIntervalMs = 10_000

/** The answer that came back soonest is the most exact one. */
const triesAtOnce = 5

/**
 * Creates a clock that all processes with the same Redis share, whatever their machines' clocks show: it measures Redis's time
 * now and then, also after each new connection, and this machine's monotonic time counts in between and while Redis is away.
 */
export function createRedisClock(redis: RedisClient, { intervalMs = measureIntervalMs } = {}): RedisClock {
  const system = createSystemClock()
  /** What Redis's time of day is ahead of this process's monotonic time. */
  let aheadMs = system.now() - performance.now()
  let measuring: Promise<void> | undefined
  const measure = async () => {
    const { aheadMs: measuredMs, tookMs } = await measureRedis(redis)
    // A smaller difference may be the network's: the time of day is to step only where Redis's did.
    if (Math.abs(measuredMs - aheadMs) > tookMs / 2) aheadMs = measuredMs
  }
  // What fails is tried again at the next interval; the connection's own listener hears of the error.
  const measureOnce = (): Promise<void> =>
    (measuring ??= measure()
      .catch(() => {})
      .finally(() => (measuring = undefined)))
  const measureAgain = () => void measureOnce()
  const ready = measureOnce()
  const timer = setInterval(measureAgain, intervalMs)
  redis.on('ready', measureAgain)
  return {
    ...system,
    now: () => Math.round(performance.now() + aheadMs),
    ready,
    [Symbol.dispose]() {
      clearInterval(timer)
      redis.off('ready', measureAgain)
    },
  }
}

async function measureRedis(redis: RedisClient): Promise<{ aheadMs: number; tookMs: number }> {
  let best = { aheadMs: 0, tookMs: Infinity }
  for (let tries = 0; tries < triesAtOnce; tries += 1) {
    const sentMs = performance.now()
    const [seconds, microseconds] = await timekeeper(redis).time()
    const tookMs = performance.now() - sentMs
    const aheadMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - (sentMs + tookMs / 2)
    if (tookMs < best.tookMs) best = { aheadMs, tookMs }
  }
  return best
}

/** Returns what all processes ask: of a Redis Cluster, whose nodes' clocks differ, the primary with the first address. */
function timekeeper(redis: RedisClient): RedisClient {
  if (!(redis instanceof Cluster)) return redis
  const primaries = new Map(redis.nodes('master').map((node) => [`${node.options.host}:${node.options.port}`, node]))
  const [first = ''] = [...primaries.keys()].toSorted()
  return primaries.get(first) ?? redis
}
