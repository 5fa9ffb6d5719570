import type { Clock } from '@vesemir/core'
import type { Metrics } from '@vesemir/process/monitoring'
import { withinTime } from '@vesemir/process/waiting'
import type { Redis } from 'ioredis'

/** Prometheus gives a scrape 10 s. */
const timeoutMs = 1000

/** Adds how long Redis takes to answer, to the metrics of a process; 0 for `up` and no time while it does not. */
export function addRedisMetrics(
  metrics: Metrics,
  { redis, clock }: { redis: Pick<Redis, 'ping'>; clock: Pick<Clock, 'startStopwatch'> },
): void {
  const ping = async () => {
    const elapsedMs = clock.startStopwatch()
    await withinTime({ timeoutMs }, () => redis.ping())
    return elapsedMs()
  }
  metrics.gauge('vesemir_redis_round_trip_seconds', 'How long Redis took to answer a PING.', {
    read: async (gauge) => gauge.set((await ping()) / 1000),
  })
  metrics.gauge('vesemir_redis_up', 'Whether Redis answers a PING within a second.', {
    read: async (gauge) =>
      gauge.set(
        await ping().then(
          () => 1,
          () => 0,
        ),
      ),
  })
}
