import { Command } from 'commander'
import { inSession } from './in-session.ts'

export function statusCommand(): Command {
  return new Command('status')
    .description('Show a deployment: its hosts, their steps, and what failed')
    .argument('<id>', 'such as d-42')
    .option('-w, --watch', 'show it again whenever it changes, until it ends, and exit as it did')
    .action(async (id: string, options: { watch?: boolean }, command: Command) => {
      const { showStatus } = await import('../actions/status.ts')
      await inSession(command, (session) => showStatus(id, { ...options, session }))
    })
}
