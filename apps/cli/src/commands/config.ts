import { Command, Option } from 'commander'
import type { ConfigKind } from '../actions/check-config.ts'
import type { GlobalOptions } from '../session.ts'
import { addExamples } from './add-examples.ts'

export function configCommand(): Command {
  return new Command('config').description('Check files of settings').addCommand(checkCommand())
}

function checkCommand(): Command {
  return addExamples(
    new Command('check')
      .description('Check a file of settings: of the API, a worker, an application or this command')
      .argument('<file>')
      .addOption(
        new Option('--as <kind>', 'what the file is [default: by its settings]').choices([
          'api',
          'worker',
          'application',
          'cli',
        ]),
      )
      .action(async (file: string, options: { as?: ConfigKind }, command: Command) => {
        const [{ checkConfig }, { runWithOutput }] = await Promise.all([
          import('../actions/check-config.ts'),
          import('../session.ts'),
        ])
        await runWithOutput(command.optsWithGlobals<GlobalOptions>(), (output) => checkConfig(file, options, output))
      }),
    'vesemir config check app.yml',
    'vesemir config check /etc/vesemir/api.yml --as api',
  )
}
