import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function whoamiCommand(): Command {
  return addExamples(
    new Command('whoami')
      .description('Show your name and your grants')
      .action(async (_options: unknown, command: Command) => {
        const { showCaller } = await import('../actions/access.ts')
        await inSession(command, showCaller)
      }),
    'vesemir whoami',
  )
}

export function canCommand(): Command {
  return addExamples(
    new Command('can')
      .description('Explain whether you may do something, and by which grant')
      .argument('<action>')
      .argument('<application>')
      .requiredOption('-e, --environment <name>', 'environment in question')
      .addHelpText(
        'after',
        '\nActions: read, plan, deploy, steer, approve, force, override, customize, lock, unlock, define, inspect, repair, manage-tokens.\nExits with 4 if you may not.',
      )
      .action(
        async (action: string, application: string, { environment }: { environment: string }, command: Command) => {
          const { explainAccess } = await import('../actions/access.ts')
          await inSession(command, (session) => explainAccess({ action, application, environment }, session))
        },
      ),
    'vesemir can deploy payments -e production',
  )
}
