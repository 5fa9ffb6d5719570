/**
 * Quotes one argument so that it means the same to every login shell: bash, dash, zsh, fish, tcsh, ksh, BusyBox. Between single
 * quotes fish still reads backslashes, and tcsh `!`: those stand outside of them, where a backslash before them is all
 * that any of these shells needs.
 * @throws {TypeError} when it holds a newline, which tcsh has no way to quote, or a NUL
 */
export function loginShellQuote(argument: string): string {
  if (/[\n\0]/.test(argument)) throw new TypeError('no login shell takes a newline or a NUL in an argument')
  if (argument === '') return "''"
  return argument.replaceAll(/([^'\\!]+)|(['\\!])/g, (_, plain?: string, special?: string) =>
    special === undefined ? `'${plain}'` : `\\${special}`,
  )
}
