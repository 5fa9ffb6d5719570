import { Command, Option } from 'commander'
import type { ListOptions } from '../actions/list.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { wholeNumber } from './parse.ts'

const statuses = ['queued', 'planning', 'running', 'paused', 'gated', 'succeeded', 'failed', 'cancelled', 'rolled-back']

export function listCommand(): Command {
  return addExamples(
    new Command('list')
      .alias('ls')
      .description('List deployments, newest first')
      .option('--application <name>', 'filter by application')
      .option('-e, --environment <name>', 'filter by environment')
      .option('--team <name>', 'filter by team')
      .addOption(new Option('--status <status>', 'filter by status').choices(statuses))
      .option('--by <name>', 'filter by who requested them; "me" for your own')
      .option(
        '--text <words>',
        'filter by words in reason, version, application, environment, team or who requested them',
      )
      .option('--version <version>', 'filter by version')
      .addOption(new Option('--host <name>', 'filter by host').conflicts('archive'))
      .option('--since <time>', 'filter by time: from then on, e.g. 2026-11-01 or 7d')
      .option('--until <time>', 'filter by time: up to then')
      .option('--limit <number>', 'maximum number of deployments', wholeNumber(1))
      .option('--before <id>', 'deployments older than this id')
      .addOption(new Option('--archive', 'list archived deployments').conflicts('watch'))
      .option('-w, --watch', 'refresh until Ctrl-C')
      .action(async (options: ListOptions, command: Command) => {
        const { listDeployments } = await import('../actions/list.ts')
        await inSession(command, (session) => listDeployments(options, session))
      }),
    'vesemir list',
    'vesemir list --application payments --status running',
    'vesemir list --archive --environment production --status failed',
    'vesemir list --by me --status failed',
    "vesemir list --host web-7 --since 7d --text 'login hotfix'",
  )
}

export function historyCommand(): Command {
  return addExamples(
    new Command('history')
      .description('List deployments of an application, newest first')
      .argument('<application>')
      .option('-e, --environment <name>', 'filter by environment')
      .option('--limit <number>', 'maximum number of deployments', wholeNumber(1))
      .option('--before <id>', 'deployments older than this id')
      .action(async (application: string, options: ListOptions, command: Command) => {
        const { listDeployments } = await import('../actions/list.ts')
        await inSession(command, (session) => listDeployments({ ...options, application }, session))
      }),
    'vesemir history payments -e production',
  )
}
