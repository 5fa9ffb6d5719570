import { durationMs } from '@vesemir/contract'
import type { ServiceManager, ServiceOf } from '@vesemir/core'
import { proveSudoCommands } from '../../host-needs/prove-sudo-commands.ts'
import { restartPurpose } from '../manage-by-scripts.ts'

/** Restarts a service by a command of its own. Nobody knows whether it runs then, nor its log. */
export function createCommand(): ServiceManager<ServiceOf<'command'>> {
  return {
    prove: ({ restart }, { session, signal }) =>
      proveSudoCommands(session, { commands: [restart], purpose: restartPurpose }, signal),
    async restart({ restart, timeout }, { session, env, secretEnv, onLine, signal }) {
      await session.run(restart, { name: 'restart', timeoutMs: durationMs(timeout), env, secretEnv, onLine, signal })
      return undefined
    },
    tailLog: async () => {},
  }
}
