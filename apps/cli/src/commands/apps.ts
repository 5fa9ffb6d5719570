import { Command } from 'commander'
import { inSession } from './in-session.ts'

export function appsCommand(): Command {
  return new Command('apps')
    .description('Register applications and look at them')
    .addCommand(applyCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
}

function applyCommand(): Command {
  return new Command('apply')
    .description('Register an application, or change it')
    .requiredOption('-f, --file <path>', 'its definition in YAML; - for stdin')
    .action(async ({ file }: { file: string }, command: Command) => {
      const { applyApplication } = await import('../actions/apps.ts')
      await inSession(command, (session) => applyApplication(file, session))
    })
}

function listCommand(): Command {
  return new Command('list')
    .alias('ls')
    .description('List the registered applications')
    .action(async (_options: unknown, command: Command) => {
      const { listApplications } = await import('../actions/apps.ts')
      await inSession(command, listApplications)
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('Show an application as it is registered')
    .argument('<application>')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { showApplication } = await import('../actions/apps.ts')
      await inSession(command, (session) => showApplication(name, session))
    })
}
