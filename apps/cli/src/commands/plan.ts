import { Command } from 'commander'
import type { RequestOptions } from '../actions/build-request.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'
import { addRequestOptions } from './request-options.ts'

export function planCommand(): Command {
  return addExamples(
    addRequestOptions(new Command('plan'))
      .description('Show what a deployment would do')
      .action(async (application: string, options: RequestOptions, command: Command) => {
        const { showPlan } = await import('../actions/plan.ts')
        await inSession(command, (session) => showPlan(application, options, session))
      }),
    'vesemir plan payments -e production --version 1.4.2',
  )
}
