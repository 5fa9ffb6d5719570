import { stepNames } from '@vesemir/contract/step-names'
import { Command, Option } from 'commander'
import type { LogsOptions } from '../actions/logs.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { wholeNumber } from './parse.ts'

export function logsCommand(): Command {
  return addExamples(
    new Command('logs')
      .description('Show the events and output of a deployment')
      .argument('<id>', 'e.g. d-42, or latest')
      .option('-f, --follow', "follow to the end and exit with the deployment's code")
      .option('--host <name>', 'filter by host')
      .addOption(new Option('--step <step>', 'filter by step').choices(stepNames))
      .option('--task <name>', 'filter by task')
      .option('--text <text>', 'filter by text, in capitals or not')
      .option('--stderr', 'only what commands wrote to stderr')
      .option('--after <number>', 'number of the event to start after', wholeNumber(0), 0)
      .action(async (id: string, options: LogsOptions, command: Command) => {
        const { showLogs } = await import('../actions/logs.ts')
        await inSession(command, (session) => showLogs(id, options, session))
      }),
    'vesemir logs d-42',
    'vesemir logs d-42 -f --host web-3',
    'vesemir logs d-42 --stderr --text error',
    'vesemir logs d-42 --task migrate',
  )
}
