export { createRedisClock, type RedisClock } from './redis-clock.ts'
export { createSystemClock } from './system-clock.ts'
