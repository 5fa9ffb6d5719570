import { Argument, Command } from 'commander'
import type { GlobalOptions } from '../session.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

const shellArgument = () => new Argument('<shell>').choices(shells)

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print what makes a shell complete commands, options, deployments and applications')
    .addArgument(shellArgument())
    .addHelpText(
      'after',
      `
bash: echo 'source <(vesemir completion bash)' >> ~/.bashrc
zsh:  echo 'source <(vesemir completion zsh)' >> ~/.zshrc
fish: vesemir completion fish > ~/.config/fish/completions/vesemir.fish`,
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/scripts.ts')
      process.stdout.write(completionScript(shell))
    })
}

/** What the scripts ask at each Tab: `vesemir complete bash -- deploy pay`. */
export function completeCommand(): Command {
  return new Command('complete')
    .description('Say what can stand at the end of an unfinished command line')
    .addArgument(shellArgument())
    .argument('[words...]')
    .action(async (shell: Shell, words: string[], _options: unknown, command: Command) => {
      const { complete } = await import('../completion/complete.ts')
      await complete(command.parent!, { shell, words, flags: command.optsWithGlobals<GlobalOptions>() })
    })
}
