import { Command } from 'commander'
import type { RequestOptions } from '../actions/build-request.ts'
import { inSession } from './in-session.ts'
import { addRequestOptions } from './request-options.ts'

export function planCommand(): Command {
  return addRequestOptions(new Command('plan'))
    .description('Show what a deployment would do: hosts by wave, their servers now, steps and warnings')
    .action(async (application: string, options: RequestOptions, command: Command) => {
      const { showPlan } = await import('../actions/plan.ts')
      await inSession(command, (session) => showPlan(application, options, session))
    })
}
