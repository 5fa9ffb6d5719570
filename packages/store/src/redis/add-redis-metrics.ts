import type { Clock } from '@vesemir/core'
import type { Metrics } from '@vesemir/process/monitoring'
import type { RedisMemory } from '@vesemir/contract'
import { withinTime } from '@vesemir/process/waiting'
import { pingAll } from './ping-all.ts'
import { readRedisMemory } from './redis-memory.ts'
import type { RedisClient } from './redis-client.ts'

/** Less than a metric has for its reading, so that `up` is 0 rather than left out. */
const timeoutMs = 500

interface RedisMetricsOptions {
  redis: Pick<RedisClient, 'ping' | 'info'>
  clock: Pick<Clock, 'startStopwatch'>
  memoryLimitBytes?: number | undefined
}

/**
 * Adds how long Redis takes to answer, to the metrics of a process, and its memory; while it does not answer, 0 for `up` and none of the
 * others.
 */
export function addRedisMetrics(metrics: Metrics, options: RedisMetricsOptions): void {
  addRoundTrip(metrics, options)
  addMemory(metrics, options)
}

function addMemory(
  metrics: Metrics,
  { redis, memoryLimitBytes }: Pick<RedisMetricsOptions, 'redis' | 'memoryLimitBytes'>,
): void {
  let reading: Promise<RedisMemory> | undefined
  const read = () =>
    (reading ??= withinTime({ timeoutMs }, () => readRedisMemory(redis, { memoryLimitBytes })).finally(
      () => (reading = undefined),
    ))
  metrics.gauge('vesemir_redis_memory_bytes', 'Memory that Redis has in use.', {
    read: async (gauge) => gauge.set((await read()).usedBytes),
  })
  metrics.gauge('vesemir_redis_memory_limit_bytes', 'Memory that Redis may take; 0 where nothing bounds it.', {
    read: async (gauge) => gauge.set((await read()).limitBytes),
  })
}

function addRoundTrip(metrics: Metrics, { redis, clock }: Pick<RedisMetricsOptions, 'redis' | 'clock'>): void {
  const ping = async () => {
    const elapsedMs = clock.startStopwatch()
    await withinTime({ timeoutMs }, () => pingAll(redis))
    return elapsedMs()
  }
  let pinging: Promise<number> | undefined
  // A scrape reads both gauges at once.
  const readRoundTripMs = () => (pinging ??= ping().finally(() => (pinging = undefined)))
  metrics.gauge('vesemir_redis_round_trip_seconds', 'How long Redis took to answer a PING.', {
    read: async (gauge) => gauge.set((await readRoundTripMs()) / 1000),
  })
  metrics.gauge('vesemir_redis_up', 'Whether Redis answers a PING within half a second.', {
    read: async (gauge) =>
      gauge.set(
        await readRoundTripMs().then(
          () => 1,
          () => 0,
        ),
      ),
  })
}
