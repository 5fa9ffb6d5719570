import { exportVariables } from './export-variables.ts'

/**
 * Returns the lines of one of Vesemir's own scripts, which shares its shell with what proves its end. It begins as in a new shell: without
 * these lines as arguments, and with the usual IFS.
 */
export function ownLines(script: string, env: Readonly<Record<string, string>>): string[] {
  return ['unset IFS VESEMIR_LINE; set --', ...exportVariables(env), script].join('\n').split('\n')
}

/**
 * Returns the commands that run those lines, which are the shell's arguments, and then tell its end by `end`. What ends the script's
 * commands ends it too, and with the status of TERM: where one may fail, the script would go on with the next.
 */
export function runOwnLines(end: string): string {
  return `at_end() { :; }; trap 'set -- $?; at_end || :; ${end}' EXIT; trap 'exit 143' HUP INT TERM; eval "$*"`
}
