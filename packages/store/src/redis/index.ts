export { gatherCommands } from './gather-commands.ts'
