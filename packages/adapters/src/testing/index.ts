export { startReceiver, type Receiver } from '../notification/testing/start-receiver.ts'
export { aPlan, aServer, aSpec } from '../record/testing/builders.ts'
export { startRedis, type RedisServer } from '../record/testing/start-redis.ts'
