import { durationMs, type CommandChangeset } from '@vesemir/contract'
import {
  VesemirError,
  isVesemirError,
  type ChangesetStrategy,
  type IntroduceContext,
  type ProveContext,
  type ReleaseOf,
} from '@vesemir/core'
import { z } from 'zod'
import { proveSudoCommands } from '../../host-needs/prove-sudo-commands.ts'

/** A worker's settings for commands: none yet. */
export const CommandOptions = z.strictObject({})
export type CommandOptions = z.infer<typeof CommandOptions>

/** How long a host may take to run a script that does nothing. */
const proofTimeoutMs = 30_000

/** Introduces a version by commands on the host, one after another; the first that fails is the last. */
export function createCommand(_options: CommandOptions): ChangesetStrategy<CommandChangeset, ReleaseOf<'command'>> {
  return {
    pin: async (_changeset, spec) => ({ strategy: 'command', id: spec.version }),

    prove: (_release, context) => proveCommands(context),

    async stage(_release, context) {
      const { session, signal } = context
      await session.proveScripts({ timeoutMs: proofTimeoutMs, signal })
      await proveCommands(context)
      return {}
    },

    async introduce(_release, context) {
      return runAll(context.changeset.commands, context)
    },

    async revert(_release, { previous, ...context }) {
      const { rollback } = context.changeset
      if (!rollback) {
        const message = `${context.session.target.name} cannot be rolled back: ${noWayBack}`
        throw new VesemirError('ROLLBACK_UNAVAILABLE', message, { details: { host: context.session.target.name } })
      }
      const env = previous === undefined ? context.env : { ...context.env, VESEMIR_PREVIOUS: previous }
      return runAll(rollback, { ...context, env })
    },

    async inspect(_release, { changeset }) {
      return { isSilent: true, ...(changeset.rollback ? {} : { unavailable: noWayBack }) }
    },
  }
}

function proveCommands({ changeset, session, signal }: ProveContext<CommandChangeset>): Promise<void> {
  return proveSudoCommands(session, { commands: changeset.commands, purpose: 'run the commands' }, signal)
}

const noWayBack = 'changeset.rollback names no commands'

async function runAll(
  commands: readonly string[],
  { changeset, variables, session, env, onLine, signal }: IntroduceContext<CommandChangeset>,
): Promise<{ note: string }> {
  const timeoutMs = durationMs(changeset.timeout)
  for (const [index, command] of commands.entries()) {
    try {
      const options = { timeoutMs, env, secretEnv: { ...variables, ...changeset.environment }, onLine, signal }
      await session.run(command, { name: `command ${index + 1}`, ...options })
    } catch (error) {
      throw commands.length > 1 ? inPlace(error, `Command ${index + 1} of ${commands.length}`) : error
    }
  }
  return { note: commands.length === 1 ? 'ran 1 command' : `ran ${commands.length} commands` }
}

/** Says which of the commands it was. */
function inPlace(error: unknown, which: string): unknown {
  if (!isVesemirError(error, 'COMMAND_FAILED', 'COMMAND_TIMED_OUT')) return error
  return new VesemirError(error.code, `${which}: ${error.message}`, { cause: error, details: error.details })
}
