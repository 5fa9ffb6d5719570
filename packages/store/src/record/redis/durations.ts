import type { Deployment, HostRecord } from '@vesemir/contract'
import type { ApplicationEnvironment } from '@vesemir/core'
import type { Store } from './store.ts'

const keptHosts = 50

/** Keeps how long a host took, for estimates. Of a host that was taken up again it would tell little. */
export async function noteDuration(
  { redis, keys, clock }: Store,
  { deployment, host }: { deployment: Deployment; host: HostRecord },
): Promise<void> {
  const [first] = host.steps
  if (!first || host.attempt > 1) return
  const key = keys.durations(deployment.spec)
  await Promise.all([
    redis.lpush(key, Math.max(0, clock.now() - Date.parse(first.startedAt))),
    redis.ltrim(key, 0, keptHosts - 1),
  ])
}

/** The middle of what hosts took lately, in milliseconds; undefined before the first. */
export async function typicalDurationMs(
  { redis, keys }: Store,
  place: ApplicationEnvironment,
): Promise<number | undefined> {
  const durations = (await redis.lrange(keys.durations(place), 0, -1))
    .map(Number)
    .filter(isDuration)
    .toSorted((a, b) => a - b)
  return durations[Math.floor(durations.length / 2)]
}

function isDuration(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0
}
