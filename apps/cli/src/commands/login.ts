import { Command } from 'commander'
import type { GlobalOptions } from '../session.ts'
import { addExamples } from './add-examples.ts'

export function loginCommand(): Command {
  return addExamples(
    new Command('login')
      .description('Save the address of the API and a token')
      .addHelpText('after', '\nThe token is read without echo; in a pipe, from the first line of stdin.')
      .action(async (_options: unknown, command: Command) => {
        const [{ login }, { runWithOutput }] = await Promise.all([
          import('../actions/login.ts'),
          import('../session.ts'),
        ])
        const options = command.optsWithGlobals<GlobalOptions>()
        await runWithOutput(options, (output) => login(options, output))
      }),
    'vesemir login --url https://vesemir.example',
    'vesemir login --url https://vesemir.example < token.txt',
  )
}
