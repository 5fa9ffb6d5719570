export { reloadOnHangUp } from './reload-on-hang-up.ts'
export { runProcess } from './run-process.ts'
export { runService } from './run-service.ts'
export { exitAfter, untilSignalled } from './signals.ts'
