import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function hostsCommand(): Command {
  return addExamples(
    new Command('hosts')
      .description('Show what runs on each host of an application')
      .argument('<application>')
      .option('-e, --environment <name>', 'filter by environment')
      .action(async (application: string, options: { environment?: string }, command: Command) => {
        const { listHosts } = await import('../actions/hosts.ts')
        await inSession(command, (session) => listHosts(application, { ...options, session }))
      }),
    'vesemir hosts payments -e production',
  )
}
