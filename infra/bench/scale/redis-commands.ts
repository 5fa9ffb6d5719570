import type { Redis } from 'ioredis'

/** How often each command ran, by its name. */
export type CommandCounts = ReadonlyMap<string, number>

/** Reads how often Redis has run each command, those inside of scripts included. */
export async function countCommands(redis: Redis): Promise<CommandCounts> {
  const stats = await redis.info('commandstats')
  const rows = stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
  return new Map([...rows].map(([, name, calls]) => [name!, Number(calls)]))
}

/** What a client sends, as against what a script does: every script is one of `evalsha` and `eval`. */
export function commandsBetween(before: CommandCounts, after: CommandCounts): Record<string, number> {
  const changes = [...after].map(([name, calls]): [string, number] => [name, calls - (before.get(name) ?? 0)])
  return Object.fromEntries(changes.filter(([, calls]) => calls > 0).toSorted(([, a], [, b]) => b - a))
}
