import type { RedisMemory } from '@vesemir/contract'
import { describeBytes } from './describe-bytes.ts'

/** From this share on people are told: there is time left to keep less, or to give Redis more. */
const fullShare = 0.8

/** Says so again only once less than this was in use: at the edge it would be said with every look. */
const relievedShare = 0.75

/** Tells whether Redis has little memory left, as far as there is a bound; `before` is whether it had when it was looked at last. */
export function isNearlyFull({ usedBytes, limitBytes }: RedisMemory, before = false): boolean {
  return limitBytes > 0 && usedBytes / limitBytes > (before ? relievedShare : fullShare)
}

/** Says how much memory Redis has in use, and of how much. */
export function describeRedisMemory({ usedBytes, limitBytes }: RedisMemory): string {
  const used = describeBytes(usedBytes)
  if (limitBytes === 0) return `${used} in use, without a bound`
  return `${used} of ${describeBytes(limitBytes)} in use (${Math.round((usedBytes / limitBytes) * 100)} %)`
}

/** What to do about a Redis that has little memory left. */
export const redisMemoryHint =
  'Raise maxmemory of Redis, or keep less: retention of the workers (docs/backup.md). A full Redis refuses new deployments.'
