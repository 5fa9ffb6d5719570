import { Command } from 'commander'
import type { GlobalOptions } from '../session.ts'
import { addExamples } from './add-examples.ts'

export function keysCommand(): Command {
  return new Command('keys').description('Manage the keys of an installation').addCommand(makeCommand())
}

function makeCommand(): Command {
  return addExamples(
    new Command('make')
      .description('Create the keys with which API and workers sign what they write to Redis')
      .argument('<folder>')
      .action(async (folder: string, _options: unknown, command: Command) => {
        const [{ createKeys }, { runWithOutput }] = await Promise.all([
          import('../actions/keys.ts'),
          import('../session.ts'),
        ])
        await runWithOutput(command.optsWithGlobals<GlobalOptions>(), (output) => createKeys(folder, output))
      }),
    'vesemir keys make /etc/vesemir/keys',
  )
}
