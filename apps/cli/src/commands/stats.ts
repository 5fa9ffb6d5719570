import { Command } from 'commander'
import type { StatsOptions } from '../actions/stats.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function statsCommand(): Command {
  return addExamples(
    new Command('stats')
      .description('Show how often deployments happen and fail, and how long they take')
      .argument('[application]')
      .option('-e, --environment <name>', 'filter by environment')
      .option('--since <time>', 'how far to look back, in days of 24 hours, e.g. 30d', '90d')
      .action(async (application: string | undefined, options: StatsOptions, command: Command) => {
        const { showStats } = await import('../actions/stats.ts')
        await inSession(command, (session) => showStats({ ...options, application }, session))
      }),
    'vesemir stats',
    'vesemir stats payments -e production --since 30d',
  )
}
