export { orAborted } from './or-aborted.ts'
export { repeat } from './repeat.ts'
export { sleep } from './sleep.ts'
export { longestTimerMs, TimeUp, withinTime } from './within-time.ts'
