import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function badgeCommand(): Command {
  return addExamples(
    new Command('badge')
      .description('Show the address of the badge of an environment, and its Markdown')
      .argument('<application>')
      .requiredOption('-e, --environment <name>', 'environment of the badge')
      .action(async (application: string, { environment }: { environment: string }, command: Command) => {
        const { showBadge } = await import('../actions/badge.ts')
        await inSession(command, (session) => showBadge({ application, environment }, session))
      }),
    'vesemir badge payments -e production',
    'vesemir badge payments -e production --json',
  )
}
