import type { Command } from 'commander'
import type { GlobalOptions, Session } from '../session.ts'

/** Runs an action with what its command was given. Only now is anything heavy loaded: help comes at once. */
export async function inSession(command: Command, action: (session: Session) => Promise<number>): Promise<void> {
  const { runInSession } = await import('../session.ts')
  await runInSession(command.optsWithGlobals<GlobalOptions>(), { about: deploymentOf(command), action })
}

function deploymentOf({ registeredArguments, args }: Command): string | undefined {
  return registeredArguments[0]?.name() === 'id' ? args[0] : undefined
}
