import { Command, Option } from 'commander'
import type { DeploymentFilter } from '@vesemir/contract'
import { inSession } from './in-session.ts'
import { wholeNumber } from './parse.ts'

const statuses = ['queued', 'planning', 'running', 'paused', 'gated', 'succeeded', 'failed', 'cancelled', 'rolled-back']

export function listCommand(): Command {
  return new Command('list')
    .alias('ls')
    .description('List deployments, newest first')
    .option('--application <name>')
    .option('-e, --environment <name>')
    .option('--team <name>')
    .addOption(new Option('--status <status>').choices(statuses))
    .option('--limit <number>', 'how many', wholeNumber(1))
    .option('--before <id>', 'only older ones')
    .action(async (filter: Partial<DeploymentFilter>, command: Command) => {
      const { listDeployments } = await import('../actions/list.ts')
      await inSession(command, (session) => listDeployments(filter, session))
    })
}
