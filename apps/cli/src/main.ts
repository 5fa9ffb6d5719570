#!/usr/bin/env node
import module from 'node:module'
import manifest from '../package.json' with { type: 'json' }

// An older Node.js cannot load the rest, and would say so by a stack.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`error: vesemir needs Node.js 24 or newer, and this is ${process.version}`)
  process.exitCode = 2
} else if (!printsHelp(process.argv.slice(2))) {
  // What one command has compiled, the next one finds.
  module.enableCompileCache()
  const { runCommandLine } = await import('./run-command-line.ts')
  await runCommandLine(manifest.version)
}

/** Prints the help that the build has written: to load all commands for it takes as long as to start Node.js. */
function printsHelp([option, ...more]: string[]): boolean {
  if ((option !== '--help' && option !== '-h') || more.length > 0) return false
  // An import of it would read each of its parts, and load promises and streams.
  const { readFileSync, writeSync } = process.getBuiltinModule('node:fs')
  try {
    writeSync(1, readFileSync(new URL('help.txt', import.meta.url)))
    return true
  } catch {
    // In the workspace nothing is written, and a reader that has gone is told as for every command.
    return false
  }
}
