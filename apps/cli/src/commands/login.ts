import { Command } from 'commander'
import type { GlobalOptions } from '../session.ts'

export function loginCommand(): Command {
  return new Command('login')
    .description('Ask for the address of the API and a token, check them, and keep them for later commands')
    .addHelpText('after', '\nThe token is read without being shown; in a pipe it is the first line of stdin.')
    .action(async (_options: unknown, command: Command) => {
      const [{ login }, { runWithOutput }] = await Promise.all([import('../actions/login.ts'), import('../session.ts')])
      const options = command.optsWithGlobals<GlobalOptions>()
      await runWithOutput(options, (output) => login(options, output))
    })
}
