import { shellQuote } from '../shell-quote.ts'

interface CommandParts {
  env: Readonly<Record<string, string>>
  hasInput: boolean
  /** What runs the script's shell, and what that shell does first. */
  wrap?: { command: string; firstLines: string } | undefined
}

/**
 * Builds the command line that runs a script by `sh`, whatever the login shell. It ends what it runs when the connection
 * goes: sshd kills nothing by itself, and refuses to pass signals on for root. So a guard waits for the end of standard
 * input (which is otherwise not used, and stays open as long as the channel), and then ends the script's process group, first
 * asking, after five seconds by force. A script that takes input cannot have that guard: its input ends early instead.
 */
export function guardedCommand(script: string, { env, hasInput, wrap }: CommandParts): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${variableName(name)}=${shellQuote(value)}`)
  const lines = [...(hasInput ? [] : [guard]), ...exports, script]
  const shell = wrap ? `${wrap.command} sh` : 'sh'
  return `exec ${shell} -c ${shellQuote((wrap?.firstLines ?? '') + lines.join('\n'))}`
}

// Started twice removed, so that a script's own `wait` doesn't wait for it. `$$` stays the script's process in all of them;
// process 0 is the whole group, in which sudo may be too, and the guard itself is.
const guard = `exec 3<&0 </dev/null
( ( trap '' HUP INT TERM
read -r _ <&3
kill -0 $$ || exit 0
kill -TERM 0
for _ in 1 2 3 4 5; do sleep 1; kill -0 $$ || exit 0; done
kill -KILL 0 ) >/dev/null 2>&1 & )
exec 3<&-`

function variableName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name
  throw new TypeError(`${JSON.stringify(name)} cannot be the name of an environment variable`)
}
