import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

interface LockOptions {
  environment: string
}

export function lockCommand(): Command {
  return addExamples(
    new Command('lock')
      .description('Lock an application in an environment; running deployments continue')
      .argument('<application>')
      .requiredOption('-e, --environment <name>', 'environment to lock')
      .requiredOption('--reason <text>', 'reason, shown to whoever wants to deploy')
      .action(
        async (application: string, { environment, reason }: LockOptions & { reason: string }, command: Command) => {
          const { lock } = await import('../actions/locks.ts')
          await inSession(command, (session) => lock({ application, environment }, { reason, session }))
        },
      ),
    "vesemir lock payments -e production --reason 'sale until Monday'",
  )
}

export function unlockCommand(): Command {
  return addExamples(
    new Command('unlock')
      .description('Unlock an application in an environment')
      .argument('<application>')
      .requiredOption('-e, --environment <name>', 'environment to unlock')
      .action(async (application: string, { environment }: LockOptions, command: Command) => {
        const { unlock } = await import('../actions/locks.ts')
        await inSession(command, (session) => unlock({ application, environment }, session))
      }),
    'vesemir unlock payments -e production',
  )
}

export function locksCommand(): Command {
  return addExamples(
    new Command('locks').description('List locks').action(async (_options: unknown, command: Command) => {
      const { listLocks } = await import('../actions/locks.ts')
      await inSession(command, listLocks)
    }),
    'vesemir locks',
  )
}
