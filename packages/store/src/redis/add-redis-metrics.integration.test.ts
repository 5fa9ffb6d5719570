import { openMetrics } from '@vesemir/process/monitoring'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis } from '@vesemir/testing/start-redis'
import { expect, test } from 'vitest'
import { addRedisMetrics } from './add-redis-metrics.ts'

test('a scrape shows the memory of Redis, and is answered within a second while Redis hangs', async () => {
  await using server = await startRedis()
  const clock = createSystemClock()
  const metrics = await openMetrics('worker')
  addRedisMetrics(metrics, {
    redis: server.connect({ maxRetriesPerRequest: null }),
    clock,
    memoryLimitBytes: 7_000_000_000,
  })

  const before = await metrics.registry.metrics()
  server.suspend()
  const elapsedMs = clock.startStopwatch()
  const away = await metrics.registry.metrics()
  const durationMs = elapsedMs()
  server.resume()

  expect(before).toMatch(/^vesemir_redis_memory_bytes [1-9]\d{5,}$/m)
  expect(before).toMatch(/^vesemir_redis_memory_limit_bytes 7000000000$/m)
  expect(away).toMatch(/^vesemir_redis_up 0$/m)
  expect(away).not.toMatch(/^vesemir_redis_memory/m)
  expect(durationMs).toBeLessThan(1000)
})
