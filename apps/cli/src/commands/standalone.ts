import { Command } from 'commander'
import type { StandaloneOptions } from '../actions/standalone.ts'
import type { GlobalOptions } from '../session.ts'
import { wholeNumber } from './parse.ts'
import { addExamples } from './add-examples.ts'

export function standaloneCommand(): Command {
  return addExamples(
    new Command('standalone')
      .description('Run API, worker, page and Redis on this machine')
      .option('--data <folder>', 'data folder (default: ~/.local/share/vesemir)')
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .option('--port <number>', 'port to listen on', wholeNumber(1), 8080)
      .action(async (options: StandaloneOptions, command: Command) => {
        const [{ standalone }, { runWithOutput }] = await Promise.all([
          import('../actions/standalone.ts'),
          import('../session.ts'),
        ])
        await runWithOutput(command.optsWithGlobals<GlobalOptions>(), (output) => standalone(options, output))
      }),
    'vesemir standalone',
    'vesemir standalone --data /srv/vesemir --port 9000',
  )
}
