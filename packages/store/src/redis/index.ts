export { checkInfo } from './check-info.ts'
export { gatherCommands } from './gather-commands.ts'
export { isOddData } from './is-odd-data.ts'
export { isUnreliable, reportOnce, type OnInvalid } from './read-json.ts'
