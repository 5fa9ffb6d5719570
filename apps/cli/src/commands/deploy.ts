import { Command, Option } from 'commander'
import type { DeployOptions, DeployPlanOptions } from '../actions/deploy.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { reportOptions } from './report-options.ts'
import { addRequestOrPlan, requireRequestOrPlan } from './request-options.ts'

export function deployCommand(): Command {
  const command = addRequestOrPlan(new Command('deploy'))
    .description('Deploy a version of an application')
    .option('--reason <text>', 'reason, kept in the record')
    .option('--built-at <time>', 'when the version was built, in ISO 8601, for the lead time in statistics')
    .option('--no-wait', 'fail instead of queueing behind another deployment')
    .option('--override', 'deploy although the application is locked (admins)')
    .option('--yes', 'accept that less than half of a backend stays in service')
    .option('--dry-run', 'print the plan only, as vesemir plan does')
    .option('--web', 'open the page of the deployment in the browser too')
    .option('--follow', 'follow to the end (default)')
    .addOption(new Option('--detach', 'print the id and exit').conflicts(['follow', 'timeout', 'junit', 'summary']))
    .option('--timeout <duration>', 'stop following after this long (e.g. 10m) and exit 6')
    .option('--idempotency-key <key>', 'key that deploys only once, however often it is used')
    .action(async (application: string, options: DeployOptions | DeployPlanOptions, command: Command) => {
      requireRequestOrPlan(command)
      const { deploy, deployPlan } = await import('../actions/deploy.ts')
      await inSession(command, (session) =>
        'plan' in options ? deployPlan(options, session) : deploy(application, options, session),
      )
    })
  for (const option of reportOptions()) command.addOption(option)
  return addExamples(
    command,
    'vesemir deploy payments -e production --version 1.4.2',
    'vesemir deploy payments -e production --version 1.4.2 --concurrency 1,10%,50% --on-failure rollback',
    'vesemir deploy --plan p-7',
  )
}
