import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function statusCommand(): Command {
  return addExamples(
    new Command('status')
      .description('Show a deployment and its hosts')
      .argument('<id>', 'e.g. d-42, or latest')
      .option('-w, --watch', "refresh to the end and exit with the deployment's code")
      .option('--web', 'open its page in the browser too')
      .option('--hosts', 'a row for each host, also of more than 12')
      .action(async (id: string, options: { watch?: boolean; hosts?: boolean; web?: boolean }, command: Command) => {
        const { showStatus } = await import('../actions/status.ts')
        await inSession(command, (session) => showStatus(id, { ...options, session }))
      }),
    'vesemir status d-42',
    'vesemir status latest --watch',
  )
}
