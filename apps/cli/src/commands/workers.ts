import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function workersCommand(): Command {
  return new Command('workers')
    .description('List the workers, and drain one')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(drainCommand())
    .addCommand(resumeCommand())
}

function listCommand(): Command {
  return addExamples(
    new Command('list')
      .alias('ls')
      .description('List the workers: version, load, work in progress (default)')
      .action(async (_options: unknown, command: Command) => {
        const { listWorkers } = await import('../actions/workers.ts')
        await inSession(command, listWorkers)
      }),
    'vesemir workers list',
  )
}

function drainCommand(): Command {
  return addExamples(
    new Command('drain')
      .description('Drain a worker: other workers resume its work, and it takes no more')
      .argument('<worker>')
      .option('--reason <text>', 'reason, shown beside the worker')
      .action(async (worker: string, { reason }: { reason?: string }, command: Command) => {
        const { drainWorker } = await import('../actions/workers.ts')
        await inSession(command, (session) => drainWorker(worker, { reason, session }))
      }),
    "vesemir workers drain worker-2 --reason 'kernel update'",
  )
}

function resumeCommand(): Command {
  return addExamples(
    new Command('resume')
      .description('Have a drained worker take work again')
      .argument('<worker>')
      .action(async (worker: string, _options: unknown, command: Command) => {
        const { resumeWorker } = await import('../actions/workers.ts')
        await inSession(command, (session) => resumeWorker(worker, session))
      }),
    'vesemir workers resume worker-2',
  )
}
