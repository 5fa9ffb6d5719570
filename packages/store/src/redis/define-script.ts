import { readFileSync } from 'node:fs'
import type { RedisClient } from './redis-client.ts'

export type Script<Reply> = (keys: readonly string[], args: readonly (string | Buffer | number)[]) => Promise<Reply>

/**
 * Makes a Lua script callable on a connection: what is in the files, one after the other, which are read the first time. It travels
 * once and is then known by its sum.
 */
export function defineScript<Reply>(
  redis: RedisClient,
  { name, files }: { name: string; files: readonly URL[] },
): Script<Reply> {
  if (!(name in redis)) redis.defineCommand(name, { lua: files.map((file) => readFileSync(file, 'utf8')).join('\n') })
  const commands = redis as unknown as Record<string, (...args: (string | Buffer | number)[]) => Promise<Reply>>
  return (keys, args) => commands[name]!(keys.length, ...keys, ...args)
}
