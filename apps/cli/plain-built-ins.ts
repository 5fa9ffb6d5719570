import type { Plugin } from 'rolldown'

/**
 * Gives the bundle the modules of Node.js without their ES module form: that reads every property of a module, and so loads streams,
 * terminals and sockets, which takes a third of what a short command does.
 */
export const plainBuiltIns: Plugin = {
  name: 'plain-built-ins',
  // Commander starts a child process only for commands that are programs of their own, and there are none.
  resolveId: (id, importer) =>
    id === childProcess && importer?.includes('/node_modules/commander/') ? `\0${id}` : undefined,
  load: (id) => (id === `\0${childProcess}` ? 'export default {}' : undefined),
  renderChunk: (code) => code.replaceAll(imported, (_, names: string, id: string) => plainly(names, id)),
}

const childProcess = 'node:child_process'

/** An import as the bundler writes it. */
const imported = /^import (\{[^}]*\}|[\w$]+) from "(node:[\w/]+)";$/gm

function plainly(names: string, id: string): string {
  return `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule("${id}");`
}
