export {
  haproxyPrograms,
  installedHaproxy,
  type HaproxyProgram,
} from '../load-balancer/haproxy/testing/haproxy-programs.ts'
export { startReceiver, type Receiver } from '../notification/testing/start-receiver.ts'
export { aPlan, aServer, aSpec } from '../record/testing/builders.ts'
export { createProcessClock, type ProcessClock } from './process-clock.ts'
export { startRedis, type RedisServer } from '../record/testing/start-redis.ts'
