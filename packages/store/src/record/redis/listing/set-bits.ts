import type { Store } from '../store.ts'

/** Sets the bits of numbers by one command: BITFIELD, which Redis has for that, is not among those that docs/security.md has allowed. */
export async function setBits(
  { redis, scripts }: Pick<Store, 'redis' | 'scripts'>,
  key: string,
  numbers: readonly number[],
): Promise<void> {
  if (numbers.length === 1) await redis.setbit(key, numbers[0]!, 1)
  else if (numbers.length > 1) await scripts.setBits([key], numbers)
}
