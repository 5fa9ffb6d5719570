import { exportVariables } from './export-variables.ts'
import { loginShellCommand } from './login-shell-command.ts'
import { ownLines, runOwnLines } from './own-script.ts'
import type { ScriptProof } from './script-proof.ts'

interface CommandParts {
  isOwn: boolean
  env: Readonly<Record<string, string>>
  hasInput: boolean
  /** What runs the shell. */
  by?: string | undefined
  /** What that shell does first. */
  firstCommand?: string
  proof: ScriptProof
}

/**
 * Builds the command line that runs a script by `sh`, whatever the login shell, and proves that it was run. A script that is not
 * Vesemir's own has a shell to itself: neither its `exec` nor its traps can take the proof away.
 *
 * A script is ended with the connection: sshd kills nothing by itself, and refuses to pass signals on for root. So a guard
 * waits for the end of standard input (which is otherwise not used, and stays open as long as the channel), and then ends the
 * process group, first asking, after five seconds by force. A script that takes input cannot have that guard: its input ends
 * early instead.
 */
export function guardedCommand(
  script: string,
  { isOwn, env, hasInput, by, firstCommand = '', proof }: CommandParts,
): string {
  const runScript = isOwn ? runOwnLines(proof.end) : runApart(proof)
  const commands = `${firstCommand}${hasInput ? '' : guard}${proof.begin}; ${runScript}`
  const lines = isOwn ? ownLines(script, env) : [ownErrors, ...exportVariables(env), script]
  return loginShellCommand(commands, { by, script: lines.join('\n') })
}

/**
 * The commands that end by force, after five seconds, what TERM has left of the process group. That the shell has ended says nothing
 * of what it started, which may not listen; and dash forgets a TERM that comes before what it starts has begun.
 */
export const killGroup = 'sleep 5; kill -KILL 0'

// `$$` is this shell in the guard too, which only where it has ended leaves what it started alone. Process 0 is the whole group, in
// which sudo may be too, and the guard itself is. bash and ksh would wait for TMOUT seconds only.
const guard =
  'exec 3<&0 </dev/null; ' +
  '(trap "" HUP INT TERM; TMOUT=0; read -r _ <&3; kill -0 $$ || exit 0; kill -TERM 0; ' +
  `${killGroup}) >/dev/null 2>&1 & ` +
  'exec 3<&-; trap : HUP INT TERM; '

// Standard error is the script's alone: the outer shell would write there of what was killed. Put to `sh -c` itself, the
// redirection would hold for dash too, which does it before it starts a process. mksh hands on what is above 2 only when told.
const runApart = ({ end }: ScriptProof) => `exec 4>&2 2>/dev/null; sh -c "$*" 4>&4; set -- $?; ${end}; exit $1`
const ownErrors = 'exec 2>&4 4>&-'
