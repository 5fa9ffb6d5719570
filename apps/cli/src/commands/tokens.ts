import { Command, Option } from 'commander'
import type { GrantOptions } from '../actions/tokens.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { list } from './parse.ts'

export function tokensCommand(): Command {
  return new Command('tokens')
    .description('Manage tokens for your programs')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand())
}

function createCommand(): Command {
  return addExamples(
    new Command('create')
      .description('Create a token with some of your grants, and print it once')
      .argument('<name>')
      .addOption(
        new Option('--role <role>', 'role of the token')
          .choices(['converger', 'viewer', 'approver', 'deployer', 'operator', 'admin'])
          .makeOptionMandatory(),
      )
      .option('--application <names>', 'only these applications, e.g. payments,test-*', list)
      .option('--team <names>', 'only applications of these teams', list)
      .option('-e, --environment <names>', 'only these environments', list)
      .option('--cluster <names>', 'only these clusters', list)
      .option('--expires <duration>', 'time until the token expires, at most 366d', '90d')
      .action(async (name: string, options: GrantOptions & { expires: string }, command: Command) => {
        const { createToken } = await import('../actions/tokens.ts')
        await inSession(command, (session) => createToken(name, { ...options, session }))
      }),
    'vesemir tokens create nightly --role deployer --application payments -e staging --expires 30d',
  )
}

function listCommand(): Command {
  return addExamples(
    new Command('list')
      .alias('ls')
      .description('List your tokens; for an admin, the tokens of everyone')
      .action(async (_options: unknown, command: Command) => {
        const { listTokens } = await import('../actions/tokens.ts')
        await inSession(command, listTokens)
      }),
    'vesemir tokens list',
  )
}

function revokeCommand(): Command {
  return addExamples(
    new Command('revoke')
      .description('Revoke a token; programs that use it are refused at once')
      .argument('<token>', 'its name or id')
      .action(async (token: string, _options: unknown, command: Command) => {
        const { revokeToken } = await import('../actions/tokens.ts')
        await inSession(command, (session) => revokeToken(token, session))
      }),
    'vesemir tokens revoke nightly',
  )
}
