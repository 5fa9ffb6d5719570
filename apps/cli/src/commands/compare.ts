import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function compareCommand(): Command {
  return addExamples(
    new Command('compare')
      .description('Show how two deployments differ')
      .argument('<first>', 'e.g. d-41, or latest')
      .argument('<second>', 'e.g. d-42, or latest')
      .action(async (first: string, second: string, _options: object, command: Command) => {
        const { showComparison } = await import('../actions/compare.ts')
        await inSession(command, (session) => showComparison([first, second], session))
      }),
    'vesemir compare d-41 d-42',
    'vesemir compare d-41 latest --json',
  )
}
