/**
 * Quotes one argument for a POSIX shell: whatever it holds, the shell sees exactly one word.
 * @throws {TypeError} when it holds a NUL, which no argument or variable of a process can.
 */
export function shellQuote(argument: string): string {
  if (argument.includes('\0')) throw new TypeError('an argument for a command cannot hold a NUL character')
  return `'${argument.replaceAll("'", `'\\''`)}'`
}
