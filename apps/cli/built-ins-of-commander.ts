/**
 * Gives commander the modules of Node.js without their ES module form: that reads every property of a module, and so loads streams,
 * terminals and sockets, which takes a fifth of what a short command does. It starts a child process only for commands that are
 * programs of their own, and there are none.
 */
export const builtInsOfCommander = {
  name: 'built-ins-of-commander',
  resolveId: (id: string, importer?: string) =>
    id.startsWith('node:') && importer?.includes('/node_modules/commander/') ? `\0${id}` : undefined,
  load: (id: string) => sources[id.slice(1)],
}

const sources: Record<string, string> = {
  'node:process': 'export default process',
  'node:child_process': 'export default {}',
  ...Object.fromEntries(['node:fs', 'node:path'].map((id) => [id, `export default ${plain(id)}`])),
  'node:events': `export const { EventEmitter } = ${plain('node:events')}`,
  'node:util': `export const { stripVTControlCharacters } = ${plain('node:util')}`,
}

function plain(id: string): string {
  return `process.getBuiltinModule('${id}')`
}
