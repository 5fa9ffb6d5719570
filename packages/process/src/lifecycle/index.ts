export { runProcess } from './run-process.ts'
export { runService } from './run-service.ts'
export { endAtTheLatest, untilSignalled } from './signals.ts'
