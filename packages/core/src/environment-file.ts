import { VesemirError } from './errors.ts'

/**
 * Writes variables as a file that systemd's `EnvironmentFile=` and a shell's `.` both read as the same values. Inside double quotes, both
 * take every character for itself, a line end too, but for `"`, `\`, `$` and `` ` ``, and both take a backslash away before one of these
 * (systemd, src/basic/env-file.c; POSIX, Shell Command Language, 2.2.3).
 * @throws {VesemirError} `SECRET_INVALID` when systemd would leave a variable out
 */
export function writeEnvironmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${checked(name, value).replaceAll(/["\\$`]/g, String.raw`\$&`)}"\n`)
    .join('')
}

/** systemd takes text without control characters, tabs and line ends aside (src/basic/env-util.c, src/basic/utf8.c). */
function checked(name: string, value: string): string {
  if (!/[^\P{Cc}\t\n]|[\p{Cs}\p{Noncharacter_Code_Point}]/u.test(value)) return value
  const message = `the value of the variable ${name} cannot be in an environment file: it has a carriage return, or what is no text`
  throw new VesemirError('SECRET_INVALID', message)
}
