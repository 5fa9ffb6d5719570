export { createRedisClock, type RedisClock } from './redis-clock.ts'
