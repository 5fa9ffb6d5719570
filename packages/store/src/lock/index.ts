export { createLocks, type LocksOptions, type RedisLocks } from './redis/create-locks.ts'
