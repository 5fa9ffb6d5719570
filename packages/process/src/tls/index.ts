export { readRedisTls, readServerTls, RedisTls, ServerTls } from './tls.ts'
