/** Returns the address of the settings as ioredis takes it: of a Unix socket, such as `unix:/run/redis/redis.sock`, the path. */
export function redisAddress(url: string): string {
  const { protocol, pathname } = new URL(url)
  return protocol === 'unix:' ? decodeURIComponent(pathname) : url
}
