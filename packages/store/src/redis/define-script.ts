import type { Redis } from 'ioredis'

export type Script<Reply> = (keys: readonly string[], args: readonly (string | number)[]) => Promise<Reply>

/** Makes a Lua script callable on a connection; it travels once and is then known by its sum. */
export function defineScript<Reply>(redis: Redis, { name, lua }: { name: string; lua: string }): Script<Reply> {
  redis.defineCommand(name, { lua })
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (keys, args) => commands[name]!(keys.length, ...keys, ...args)
}
