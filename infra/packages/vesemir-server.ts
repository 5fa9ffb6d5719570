#!/usr/bin/env node
// The command `vesemir-server`: runs the API or a worker, each by a settings file of its own.
import { readFileSync } from 'node:fs'

const help = `Usage: vesemir-server api|worker [--config FILE] [--check]

Runs the API, or a worker, until SIGTERM or SIGINT.

Commands:
  api     take requests and serve the web page [settings: $VESEMIR_API_CONFIG]
  worker  carry out deployments [settings: $VESEMIR_WORKER_CONFIG]

Options:
  --config FILE  settings file
  --check        check the settings, and exit: 0 when they are valid, else 2
  -h, --help     show this help
  -V, --version  print the version`

if (Number(process.versions.node.split('.')[0]) < 24)
  refuse(`vesemir-server needs Node.js 24 or newer, and this is ${process.version}`)
else await run(process.argv.splice(2, 1)[0])

async function run(command: string | undefined): Promise<void> {
  switch (command) {
    case 'api':
      await import('../../apps/api/src/main.ts')
      break
    case 'worker':
      await import('../../apps/worker/src/main.ts')
      break
    case '-V':
    case '--version':
      console.log(versionOf(readFileSync(new URL('package.json', import.meta.url), 'utf8')))
      break
    case '-h':
    case '--help':
      console.log(help)
      break
    case undefined:
      refuse('name what to run')
      break
    default:
      refuse(`unknown command ${JSON.stringify(command)}`)
  }
}

function versionOf(manifest: string): string {
  return (JSON.parse(manifest) as { version: string }).version
}

function refuse(problem: string): void {
  console.error(`error: ${problem}\n\n${help}`)
  process.exitCode = 2
}
