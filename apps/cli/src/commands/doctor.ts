import { Command } from 'commander'
import type { BalancerOptions } from '../actions/load-balancers.ts'
import { inSession } from './in-session.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Try all that deployments need: API, Redis, Chef, SSH and HAProxy, as a worker reaches them')
    .option('--cluster <name>', 'of this cluster alone')
    .action(async (options: { cluster?: string }, command: Command) => {
      const { examine } = await import('../actions/doctor.ts')
      await inSession(command, (session) => examine({ ...options, session }))
    })
}

export function loadBalancersCommand(): Command {
  return new Command('lb').description('Look after load balancers').addCommand(
    new Command('doctor')
      .description(
        'Find servers that Vesemir left out of rotation, and with --fix put them back; never those of people',
      )
      .option('--cluster <name>', 'whose load balancers; may be left out where there is but one cluster')
      .option('--application <name>', 'of this application alone')
      .option('-e, --environment <name>', 'in this environment alone')
      .option('--fix', 'put back what can be; without it, it is only said')
      .action(async (options: BalancerOptions, command: Command) => {
        const { examineBalancers } = await import('../actions/load-balancers.ts')
        await inSession(command, (session) => examineBalancers({ ...options, session }))
      }),
  )
}
