import { Command, Option } from 'commander'
import type { LogsOptions } from '../actions/logs.ts'
import { inSession } from './in-session.ts'
import { wholeNumber } from './parse.ts'

/** As the contract's `stepNames`, which would take longer to load than help may. */
const steps = ['connect', 'guard', 'drain', 'deploy', 'restart', 'verify', 'enable', 'soak', 'restore']

export function logsCommand(): Command {
  return new Command('logs')
    .description('Show what happened in a deployment, with the output of its hosts')
    .argument('<id>', 'such as d-42')
    .option('-f, --follow', 'go on until it ends, and exit as it did')
    .option('--host <name>', 'of one host only')
    .addOption(new Option('--step <step>', 'of one step only').choices(steps))
    .option('--after <number>', 'from the event after this one', wholeNumber(0), 0)
    .action(async (id: string, options: LogsOptions, command: Command) => {
      const { showLogs } = await import('../actions/logs.ts')
      await inSession(command, (session) => showLogs(id, options, session))
    })
}
