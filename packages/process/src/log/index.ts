export { createLog, type Log, type LogOptions } from './create-log.ts'
export { logConsole } from './log-console.ts'
export { describeError, type DescribedError } from './describe-error.ts'
