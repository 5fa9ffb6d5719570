import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function timelineCommand(): Command {
  return addExamples(
    new Command('timeline')
      .description('Show hosts, waits, gates and capacity over time')
      .argument('<id>', 'e.g. d-42, or latest')
      .action(async (id: string, _options: object, command: Command) => {
        const { showTimeline } = await import('../actions/timeline.ts')
        await inSession(command, (session) => showTimeline(id, session))
      }),
    'vesemir timeline d-42',
    'vesemir timeline latest --json',
  )
}
