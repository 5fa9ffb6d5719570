import { Command, Option } from 'commander'
import type { ConvergeOptions } from '../actions/converge.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { reportOptions } from './report-options.ts'

export function convergeCommand(): Command {
  const command = new Command('converge')
    .description('Bring hosts that are behind up to the version that should run')
    .argument('<application>')
    .requiredOption('-e, --environment <name>', 'target environment')
    .option('--host <name>', 'only this host, as the inventory names it')
    .addOption(
      new Option('--plan', 'show which hosts are behind; change nothing').conflicts([
        'reason',
        'detach',
        'timeout',
        'junit',
        'summary',
      ]),
    )
    .option('--reason <text>', 'reason, kept in the record')
    .addOption(new Option('--detach', 'print the id and exit').conflicts(['timeout', 'junit', 'summary']))
    .option('--timeout <duration>', 'stop following after this long (e.g. 10m) and exit 6')
    .action(async (application: string, options: ConvergeOptions, command: Command) => {
      const { converge } = await import('../actions/converge.ts')
      await inSession(command, (session) => converge(application, options, session))
    })
  for (const option of reportOptions()) command.addOption(option)
  return addExamples(
    command,
    'vesemir converge payments -e production --plan',
    'vesemir converge payments -e production',
    'vesemir converge payments -e production --host web-12',
  )
}
