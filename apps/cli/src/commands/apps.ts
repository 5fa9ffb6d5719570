import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function appsCommand(): Command {
  return new Command('apps')
    .description('Manage applications')
    .addCommand(applyCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
}

function applyCommand(): Command {
  return addExamples(
    new Command('apply')
      .description('Register or update an application')
      .requiredOption('-f, --file <path>', 'definition in YAML; - for stdin')
      .action(async ({ file }: { file: string }, command: Command) => {
        const { applyApplication } = await import('../actions/apps.ts')
        await inSession(command, (session) => applyApplication(file, session))
      }),
    'vesemir apps apply -f app.yml',
    'vesemir apps apply -f - < app.yml',
  )
}

function listCommand(): Command {
  return addExamples(
    new Command('list')
      .alias('ls')
      .description('List applications')
      .action(async (_options: unknown, command: Command) => {
        const { listApplications } = await import('../actions/apps.ts')
        await inSession(command, listApplications)
      }),
    'vesemir apps list',
  )
}

function showCommand(): Command {
  return addExamples(
    new Command('show')
      .description('Show the definition of an application')
      .argument('<application>')
      .action(async (name: string, _options: unknown, command: Command) => {
        const { showApplication } = await import('../actions/apps.ts')
        await inSession(command, (session) => showApplication(name, session))
      }),
    'vesemir apps show payments',
  )
}
