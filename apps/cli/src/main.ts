#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import module from 'node:module'

// An older Node.js cannot load the rest, and would say so by a stack.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`error: vesemir needs Node.js 24 or newer, and this is ${process.version}`)
  process.exitCode = 2
} else {
  // What one command has compiled, the next one finds.
  module.enableCompileCache()
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { runCommandLine } = await import('./run-command-line.ts')
  await runCommandLine((JSON.parse(manifest) as { version: string }).version)
}
