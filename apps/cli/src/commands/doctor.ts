import { Command } from 'commander'
import type { BalancerOptions } from '../actions/load-balancers.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function doctorCommand(): Command {
  return addExamples(
    new Command('doctor')
      .description('Check API, Redis, Chef, SSH and HAProxy, as the workers reach them')
      .option('--cluster <name>', 'cluster to check')
      .action(async (options: { cluster?: string }, command: Command) => {
        const { examine } = await import('../actions/doctor.ts')
        await inSession(command, (session) => examine({ ...options, session }))
      }),
    'vesemir doctor',
    'vesemir doctor --cluster eu',
  )
}

export function loadBalancersCommand(): Command {
  return new Command('lb').description('Manage load balancers').addCommand(
    addExamples(
      new Command('doctor')
        .description('Find servers that Vesemir left out of rotation')
        .option('--cluster <name>', 'cluster to check; required if there are several')
        .option('--application <name>', 'filter by application')
        .option('-e, --environment <name>', 'filter by environment')
        .option('--fix', 'restore those servers; servers drained by hand are left alone')
        .action(async (options: BalancerOptions, command: Command) => {
          const { examineBalancers } = await import('../actions/load-balancers.ts')
          await inSession(command, (session) => examineBalancers({ ...options, session }))
        }),
      'vesemir lb doctor',
      'vesemir lb doctor --application payments --fix',
    ),
  )
}
