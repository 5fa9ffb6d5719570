import { durationMs } from '@vesemir/contract'
import type { ServiceManager, ServiceOf } from '@vesemir/core'

/** Restarts a service by a command of its own. Nobody knows whether it runs then, nor its log. */
export function createCommand(): ServiceManager<ServiceOf<'command'>> {
  return {
    async restart({ restart, timeout }, { session, env, secretEnv, onLine, signal }) {
      await session.run(restart, { timeoutMs: durationMs(timeout), env, secretEnv, onLine, signal })
      return undefined
    },
    tailLog: async () => {},
  }
}
