import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function hostsCommand(): Command {
  return addExamples(
    new Command('hosts')
      .description('Show the hosts of an application, and what runs on each')
      .argument('<application>')
      .option('-e, --environment <name>', 'filter by environment')
      .action(async (application: string, options: { environment?: string }, command: Command) => {
        const { listHosts } = await import('../actions/hosts.ts')
        await inSession(command, (session) => listHosts(application, { ...options, session }))
      }),
    'vesemir hosts payments -e production',
  )
}

export function forgetCommand(): Command {
  return addExamples(
    new Command('forget')
      .description('Forget a host of an application that has left the inventory')
      .argument('<application>')
      .argument('<host>')
      .requiredOption('-e, --environment <name>', 'environment of the host')
      .action(async (application: string, host: string, { environment }: { environment: string }, command: Command) => {
        const { forgetHost } = await import('../actions/hosts.ts')
        await inSession(command, (session) => forgetHost({ application, environment, host }, session))
      }),
    'vesemir forget payments web-9 -e production',
  )
}
