#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { appsCommand } from './commands/apps.ts'
import { deployCommand } from './commands/deploy.ts'
import { listCommand } from './commands/list.ts'
import { logsCommand } from './commands/logs.ts'
import { statusCommand } from './commands/status.ts'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('vesemir')
  .description('Rolling deployments to virtual machines')
  .version(manifest.version, '-V', 'print the version of vesemir')
  .option('--url <address>', 'where the API is (VESEMIR_URL)')
  .option('--token <token>', 'who asks (VESEMIR_TOKEN, or VESEMIR_TOKEN_FILE, which other users do not see)')
  .option('--json', 'print JSON, for programs')
  .option('--no-color', 'print without colours (NO_COLOR)')
  .addCommand(deployCommand())
  .addCommand(statusCommand())
  .addCommand(logsCommand())
  .addCommand(listCommand())
  .addCommand(appsCommand())
  .addHelpText(
    'after',
    `
Settings come from options, then the environment, then ~/.config/vesemir/config.yml (url, token).

Exit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 cancelled, 4 not allowed, 5 refused, 6 still running when the wait
ended, 7 service not reachable, 8 rolled back, 130 Ctrl-C while following: the deployment goes on.`,
  )

setUp(program)

// A reader that has gone, such as head, has seen enough: end as a program does that SIGPIPE killed.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 141 : 1))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}

/** Every command gives its options to the others' help, and throws where commander would end the process with 1. */
function setUp(command: Command): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help to see how it is used)')
  command.commands.forEach(setUp)
}
