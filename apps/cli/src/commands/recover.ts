import { Command } from 'commander'
import type { RecoverOptions } from '../actions/recover.ts'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function recoverCommand(): Command {
  return addExamples(
    new Command('recover')
      .argument('<application>')
      .description('Find servers that a deployment left out of rotation and Redis has forgotten')
      .option('-e, --environment <name>', 'filter by environment')
      .option('--yes', 'restore those servers; servers drained by hand are left alone')
      .action(async (application: string, options: Omit<RecoverOptions, 'session'>, command: Command) => {
        const { recover } = await import('../actions/recover.ts')
        await inSession(command, (session) => recover(application, { ...options, session }))
      }),
    'vesemir recover payments',
    'vesemir recover payments -e production --yes',
  )
}
