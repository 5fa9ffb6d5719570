export { runProcess } from './run-process.ts'
export { endAtTheLatest, untilSignalled } from './signals.ts'
