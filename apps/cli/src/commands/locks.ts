import { Command } from 'commander'
import { inSession } from './in-session.ts'

interface Place {
  environment: string
}

export function lockCommand(): Command {
  return new Command('lock')
    .description('Hold off deployments of an application in an environment; those that run go on')
    .argument('<application>')
    .requiredOption('-e, --environment <name>', 'where')
    .requiredOption('--reason <text>', 'why, for whoever wants to deploy')
    .action(async (application: string, { environment, reason }: Place & { reason: string }, command: Command) => {
      const { lock } = await import('../actions/locks.ts')
      await inSession(command, (session) => lock({ application, environment }, { reason, session }))
    })
}

export function unlockCommand(): Command {
  return new Command('unlock')
    .description('Let deployments of an application in an environment go on')
    .argument('<application>')
    .requiredOption('-e, --environment <name>', 'where')
    .action(async (application: string, { environment }: Place, command: Command) => {
      const { unlock } = await import('../actions/locks.ts')
      await inSession(command, (session) => unlock({ application, environment }, session))
    })
}

export function locksCommand(): Command {
  return new Command('locks')
    .description('List where deployments are held off, by whom and why')
    .action(async (_options: unknown, command: Command) => {
      const { listLocks } = await import('../actions/locks.ts')
      await inSession(command, listLocks)
    })
}
