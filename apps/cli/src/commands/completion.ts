import { Argument, Command } from 'commander'
import type { GlobalOptions } from '../session.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

const shellArgument = () => new Argument('<shell>').choices(shells)

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a completion script for a shell')
    .addArgument(shellArgument())
    .addHelpText(
      'after',
      `
Examples:
  $ source <(vesemir completion bash)   # in ~/.bashrc
  $ source <(vesemir completion zsh)    # in ~/.zshrc
  $ vesemir completion fish > ~/.config/fish/completions/vesemir.fish`,
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/scripts.ts')
      process.stdout.write(completionScript(shell))
    })
}

/** The completion scripts run this at each Tab: `vesemir complete bash -- deploy pay`. */
export function completeCommand(): Command {
  return new Command('complete')
    .description('Print the completions of an unfinished command line')
    .addArgument(shellArgument())
    .argument('[words...]')
    .action(async (shell: Shell, words: string[], _options: unknown, command: Command) => {
      const { complete } = await import('../completion/complete.ts')
      await complete(command.parent!, { shell, words, flags: command.optsWithGlobals<GlobalOptions>() })
    })
}
