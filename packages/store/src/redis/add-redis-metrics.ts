import type { Clock } from '@vesemir/core'
import type { Metrics } from '@vesemir/process/monitoring'
import { withinTime } from '@vesemir/process/waiting'
import { pingAll } from './ping-all.ts'
import type { RedisClient } from './redis-client.ts'

/** Less than a metric has for its reading, so that `up` is 0 rather than left out. */
const timeoutMs = 500

/** Adds how long Redis takes to answer, to the metrics of a process; 0 for `up` and no time while it does not. */
export function addRedisMetrics(
  metrics: Metrics,
  { redis, clock }: { redis: Pick<RedisClient, 'ping'>; clock: Pick<Clock, 'startStopwatch'> },
): void {
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
