import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function overviewCommand(): Command {
  return addExamples(
    new Command('overview')
      .description('Show what needs you, and what runs in each environment of each application')
      .action(async (_options: object, command: Command) => {
        const { showOverview } = await import('../actions/overview.ts')
        await inSession(command, showOverview)
      }),
    'vesemir overview',
    'vesemir overview --json',
  )
}
