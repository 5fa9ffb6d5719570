import { fields } from './keys.ts'
import type { Store } from './store.ts'

/**
 * Notes that a run of a job begins, for the deployment ('') or one of its hosts, and tells whether it is one that had begun
 * before: a worker that died left it, or its answer to the queue was lost.
 */
export async function beginRun(
  { redis, keys }: Store,
  { id, scope, run }: { id: string; scope: string; run: number },
): Promise<'again' | 'anew'> {
  const before = await redis.hget(keys.record(id), fields.run(scope))
  if (before === String(run)) return 'again'
  await redis.hset(keys.record(id), fields.run(scope), run)
  return 'anew'
}
