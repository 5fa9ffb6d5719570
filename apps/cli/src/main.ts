#!/usr/bin/env node
import module from 'node:module'
import manifest from '../package.json' with { type: 'json' }

// An older Node.js cannot load the rest, and would say so by a stack.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`error: vesemir needs Node.js 24 or newer, and this is ${process.version}`)
  process.exitCode = 2
} else {
  // What one command has compiled, the next one finds.
  module.enableCompileCache()
  const { runCommandLine } = await import('./run-command-line.ts')
  await runCommandLine(manifest.version)
}
