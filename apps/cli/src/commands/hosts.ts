import { Command } from 'commander'
import { inSession } from './in-session.ts'

export function hostsCommand(): Command {
  return new Command('hosts')
    .description('Show what runs on each host of an application, since when, and what differs from what should')
    .argument('<application>')
    .option('-e, --environment <name>', 'in this environment alone')
    .action(async (application: string, options: { environment?: string }, command: Command) => {
      const { listHosts } = await import('../actions/hosts.ts')
      await inSession(command, (session) => listHosts(application, { ...options, session }))
    })
}
