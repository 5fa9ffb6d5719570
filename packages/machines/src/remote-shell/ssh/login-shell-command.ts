import { loginShellQuote } from '../login-shell-quote.ts'

/**
 * Builds a command line that means the same to every login shell: `sh` runs commands, to which "$*" is the script. Each of its
 * lines is an argument, since no newline gets through all login shells; `${IFS#??}`, which then joins them, is a newline in
 * every sh, whatever its environment says.
 */
export function loginShellCommand(
  commands: string,
  { script, by }: { script: string; by?: string | undefined },
): string {
  const words = [`IFS=\${IFS#??}; ${commands}`, 'sh', ...script.split('\n')]
  return `exec ${by === undefined ? '' : `${by} `}sh -c ${words.map(loginShellQuote).join(' ')}`
}
