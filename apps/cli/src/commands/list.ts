import { Command, Option } from 'commander'
import type { ListOptions } from '../actions/list.ts'
import { inSession } from './in-session.ts'
import { wholeNumber } from './parse.ts'

const statuses = ['queued', 'planning', 'running', 'paused', 'gated', 'succeeded', 'failed', 'cancelled', 'rolled-back']

export function listCommand(): Command {
  return new Command('list')
    .alias('ls')
    .description('List deployments, newest first')
    .option('--application <name>', 'of this application alone')
    .option('-e, --environment <name>', 'to this environment alone')
    .option('--team <name>', 'of this team alone')
    .addOption(new Option('--status <status>', 'in this state alone').choices(statuses))
    .option('--limit <number>', 'how many', wholeNumber(1))
    .option('--before <id>', 'only older ones')
    .option('-w, --watch', 'show it again whenever it changes, until Ctrl-C')
    .action(async (options: ListOptions, command: Command) => {
      const { listDeployments } = await import('../actions/list.ts')
      await inSession(command, (session) => listDeployments(options, session))
    })
}

export function historyCommand(): Command {
  return new Command('history')
    .description('List the deployments of an application, newest first')
    .argument('<application>')
    .option('-e, --environment <name>', 'to this environment alone')
    .option('--limit <number>', 'how many', wholeNumber(1))
    .option('--before <id>', 'only older ones')
    .action(async (application: string, options: ListOptions, command: Command) => {
      const { listDeployments } = await import('../actions/list.ts')
      await inSession(command, (session) => listDeployments({ ...options, application }, session))
    })
}
