/** Where a redis-server listens and keeps its files; `isKept` when every write is on disk within a second. */
export interface RedisSettings {
  address: string
  port: number
  folder: string
  isKept: boolean
}

/** Returns the arguments by which redis-server starts as BullMQ needs it: it throws nothing away, and other loopback addresses may connect. */
export function redisArguments({ address, port, folder, isKept }: RedisSettings): string[] {
  const settings = {
    bind: address,
    port: String(port),
    dir: folder,
    appendonly: isKept ? 'yes' : 'no',
    save: '',
    'maxmemory-policy': 'noeviction',
    'protected-mode': 'no',
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}
