import type { RemoteSession } from '@vesemir/core'
import { readScript } from '../read-script.ts'
import { proveNeeds } from './prove-needs.ts'

const needs = readScript(new URL('./need.sh', import.meta.url))

/**
 * Makes sure that sudo lets the commands run that begin with it, and runs none of them. Only those of plain words are known
 * beforehand: others are left to their turn.
 * @throws {VesemirError} `SUDO_REFUSED`, and as `RemoteSession.run`
 */
export async function proveSudoCommands(
  session: RemoteSession,
  { commands, purpose }: { commands: readonly string[]; purpose: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const asked = commands.map(wordsAfterSudo).filter((words) => words !== undefined)
  if (asked.length === 0) return
  const script = [needs, ...asked.map((words) => `need_sudo ${words}`)].join('\n')
  await proveNeeds(session, { script, purpose }, signal)
}

/** Returns what sudo is to run, with the user whom it names; undefined where a shell would make other words of them. */
function wordsAfterSudo(command: string): string | undefined {
  const plain = /^sudo(?: -n| -H)*((?: -u [\w.-]+)?)(?: -n| -H)*( [\w./+][\w./+:@-]*(?: [\w./+:@=,%-]+)*)$/.exec(
    command,
  )
  return plain ? `${plain[1]}${plain[2]}`.trim() : undefined
}
