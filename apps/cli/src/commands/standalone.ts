import { Command } from 'commander'
import type { StandaloneOptions } from '../actions/standalone.ts'
import type { GlobalOptions } from '../session.ts'
import { wholeNumber } from './parse.ts'

export function standaloneCommand(): Command {
  return new Command('standalone')
    .description('Run all of Vesemir on this machine: API, worker, page and a Redis of its own, until Ctrl-C')
    .option('--data <folder>', 'where everything is kept (~/.local/share/vesemir)')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'where to listen', wholeNumber(1), 8080)
    .action(async (options: StandaloneOptions, command: Command) => {
      const [{ standalone }, { runWithOutput }] = await Promise.all([
        import('../actions/standalone.ts'),
        import('../session.ts'),
      ])
      await runWithOutput(command.optsWithGlobals<GlobalOptions>(), (output) => standalone(options, output))
    })
}
