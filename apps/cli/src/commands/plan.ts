import { Command, Option } from 'commander'
import type { PlanOptions } from '../actions/plan.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { addRequestOptions } from './request-options.ts'

export function planCommand(): Command {
  return addExamples(
    addRequestOptions(new Command('plan'))
      .description('Show what a deployment would do')
      .addOption(new Option('--markdown', 'print Markdown').conflicts('json'))
      .option('--comment', 'comment on the pull request of this CI job, or update the comment from before')
      .action(async (application: string, options: PlanOptions, command: Command) => {
        const { showPlan } = await import('../actions/plan.ts')
        await inSession(command, (session) => showPlan(application, options, session))
      }),
    'vesemir plan payments -e production --version 1.4.2',
    'vesemir plan payments -e production --version 1.4.2 --markdown',
  )
}
