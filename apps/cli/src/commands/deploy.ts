import { Command, Option } from 'commander'
import type { DeployOptions, DeployPlanOptions } from '../actions/deploy.ts'
import { inSession } from './in-session.ts'
import { addRequestOrPlan, refuseUnsaid } from './request-options.ts'

export function deployCommand(): Command {
  return addRequestOrPlan(new Command('deploy'))
    .description('Deploy a version of an application, and follow it to its end')
    .option('--reason <text>', 'why, for the record')
    .option('--no-wait', 'be refused, rather than queue, while another deployment of the application runs there')
    .option('--override', 'deploy although deployments are held off (admins)')
    .option('--yes', 'accept that less than half of a backend stays in service')
    .option('--dry-run', 'show the plan and change nothing, as vesemir plan does')
    .option('--follow', 'follow to the end (the default)')
    .addOption(new Option('--detach', 'print the id and exit at once').conflicts(['follow', 'timeout']))
    .option('--timeout <duration>', 'follow for at most so long, such as 10m; then exit with 6')
    .option('--idempotency-key <key>', 'the same key again deploys only once')
    .action(async (application: string, options: DeployOptions | DeployPlanOptions, command: Command) => {
      refuseUnsaid(command)
      const { deploy, deployPlan } = await import('../actions/deploy.ts')
      await inSession(command, (session) =>
        'plan' in options ? deployPlan(options, session) : deploy(application, options, session),
      )
    })
}
