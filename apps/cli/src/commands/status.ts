import { Command } from 'commander'
import { inSession } from './in-session.ts'

export function statusCommand(): Command {
  return new Command('status')
    .description('Show a deployment: its hosts, their steps, and what failed')
    .argument('<id>', 'such as d-42')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { showStatus } = await import('../actions/status.ts')
      await inSession(command, (session) => showStatus(id, session))
    })
}
