import type { Store } from './store.ts'

type Reader = Pick<Store, 'redis' | 'keys'>

/** Reads the ids of all deployments that have not ended. */
export async function readActive({ redis, keys }: Reader): Promise<string[]> {
  return (await Promise.all(keys.shards.map(({ active }) => redis.smembers(active)))).flat()
}

/** Counts the deployments with these numbers, given as ZCOUNT takes them. */
export async function countDeployments({ redis, keys }: Reader, from: number, to: string): Promise<number> {
  const counts = await Promise.all(keys.shards.map(({ deployments }) => redis.zcount(deployments, from, to)))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Reads the ids of the deployments with these numbers, given as ZRANGEBYSCORE takes them. */
export async function readIds({ redis, keys }: Reader, from: number, to: string): Promise<string[]> {
  return (await Promise.all(keys.shards.map(({ deployments }) => redis.zrangebyscore(deployments, from, to)))).flat()
}

/** Finds the highest number of a deployment below another. */
export async function highestBelow({ redis, keys }: Reader, before: number): Promise<number | undefined> {
  const found = await Promise.all(
    keys.shards.map(({ deployments }) =>
      redis.zrevrangebyscore(deployments, `(${before}`, 1, 'WITHSCORES', 'LIMIT', 0, 1),
    ),
  )
  const numbers = found.flatMap(([, number]) => (number === undefined ? [] : [Number(number)]))
  return numbers.length > 0 ? Math.max(...numbers) : undefined
}
