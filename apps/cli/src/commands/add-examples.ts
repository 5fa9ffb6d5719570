import type { Command } from 'commander'

/** Adds examples under the help of a command, each as it is typed. */
export function addExamples(command: Command, ...examples: string[]): Command {
  return command.addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  $ ${example}`)].join('\n'))
}
