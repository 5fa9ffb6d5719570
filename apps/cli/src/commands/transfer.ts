import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function exportCommand(): Command {
  return addExamples(
    new Command('export')
      .description('Export applications, locks and grants as JSON lines')
      .argument('[file]', 'file to write (default: stdout)')
      .action(async (file: string | undefined, _options: unknown, command: Command) => {
        const { exportAll } = await import('../actions/export.ts')
        await inSession(command, (session) => exportAll(file, session))
      }),
    'vesemir export vesemir.jsonl',
  )
}

export function importCommand(): Command {
  return addExamples(
    new Command('import')
      .description('Import what another installation has exported; nothing is overwritten')
      .argument('<file>')
      .option('--plan', 'show what would be imported, and import nothing')
      .action(async (file: string, { plan }: { plan?: boolean }, command: Command) => {
        const { importAll } = await import('../actions/import.ts')
        await inSession(command, (session) => importAll(file, { plan, session }))
      }),
    'vesemir import vesemir.jsonl --plan',
    'vesemir import vesemir.jsonl',
  )
}
