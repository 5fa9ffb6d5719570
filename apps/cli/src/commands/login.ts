import { Command } from 'commander'
import type { LoginOptions } from '../actions/login.ts'
import type { GlobalOptions } from '../session.ts'
import { addExamples } from './add-examples.ts'

export function loginCommand(): Command {
  return addExamples(
    new Command('login')
      .description('Sign in, and save the address of the API and the token')
      .addHelpText(
        'after',
        '\nOpens a sign-in at your identity provider, where the API has one. Otherwise asks for a token, without echo.\nIn a pipe, reads a token from the first line of stdin.',
      )
      .option('--ci', 'use the ID token of the CI job: GitHub Actions, or $VESEMIR_ID_TOKEN')
      .option('--audience <text>', 'audience of the ID token; the address of the API by default')
      .action(async (_options: unknown, command: Command) => {
        const [{ login }, { runWithOutput }] = await Promise.all([
          import('../actions/login.ts'),
          import('../session.ts'),
        ])
        const options = command.optsWithGlobals<GlobalOptions & LoginOptions>()
        await runWithOutput(options, (output) => login(options, output))
      }),
    'vesemir login --url https://vesemir.example',
    'vesemir login --url https://vesemir.example < token.txt',
    'vesemir login --url https://vesemir.example --ci',
  )
}

export function logoutCommand(): Command {
  return addExamples(
    new Command('logout')
      .description('Sign out: end your session, and delete the saved token')
      .action(async (_options: unknown, command: Command) => {
        const [{ logout }, { runWithOutput }] = await Promise.all([
          import('../actions/login.ts'),
          import('../session.ts'),
        ])
        const options = command.optsWithGlobals<GlobalOptions>()
        await runWithOutput(options, (output) => logout(options, output))
      }),
    'vesemir logout',
  )
}
