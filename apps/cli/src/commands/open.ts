import { Command } from 'commander'
import { addExamples } from './add-examples.ts'
import { inSession } from './in-session.ts'

export function openCommand(): Command {
  return addExamples(
    new Command('open')
      .description('Open the page of a deployment, or the first one, in the browser')
      .argument('[id]', 'e.g. d-42, or latest')
      .action(async (id: string | undefined, _options: object, command: Command) => {
        const { openPage } = await import('../actions/page.ts')
        await inSession(command, (session) => openPage(id, session))
      }),
    'vesemir open d-42',
    'vesemir open latest',
  )
}
