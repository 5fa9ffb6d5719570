import { durationMs, type Service } from '@vesemir/contract'
import { describeRestart, isVesemirError, VesemirError, type ServiceManager } from '@vesemir/core'
import { proveNeeds } from '../host-needs/prove-needs.ts'

/** What a host runs by `sh` for a service: constant scripts. What differs reaches them through the environment. */
interface ServiceScripts<Managed extends Service> {
  /** Says what the host lacks for a restart, by the functions of `need.sh`. */
  prove: string
  /** Restarts the service, and ends when its manager says that it runs. Its last line says how. */
  restart: string
  /** Prints the service's state and the last lines of its own log. */
  log: string
  /** What the scripts find in their environment. */
  envOf: (service: Managed, host: string) => Readonly<Record<string, string>>
}

/** What a host cannot do that lacks something; continues "cannot". */
export const restartPurpose = 'restart the service'

const logTimeoutMs = 10_000

/** Makes a service manager of scripts. */
export function manageByScripts<Managed extends Service>(scripts: ServiceScripts<Managed>): ServiceManager<Managed> {
  return {
    prove: (service, { session, signal }) =>
      proveNeeds(
        session,
        { script: scripts.prove, env: scripts.envOf(service, session.target.name), purpose: restartPurpose },
        signal,
      ),
    async restart(service, { session, env, onLine, signal }) {
      const host = session.target.name
      const own = scripts.envOf(service, host)
      const options = {
        name: 'restart',
        isOwn: true,
        timeoutMs: durationMs(service.timeout),
        env: { ...env, ...own },
        onLine,
        signal,
      }
      try {
        const { stdout } = await session.run(scripts.restart, options)
        return stdout.trim().split('\n').at(-1)
      } catch (error) {
        throw serviceFailed(error, `${describeRestart(service)} on ${host}`)
      }
    },
    async tailLog(service, { session, env, onLine, signal }) {
      const own = scripts.envOf(service, session.target.name)
      const options = { name: 'read service log', isOwn: true, timeoutMs: logTimeoutMs, onLine, signal }
      await session.run(scripts.log, { ...options, env: { ...env, ...own } })
    },
  }
}

/** Returns the variable by which scripts call sudo, which never asks. */
export function sudoVariable({ sudo }: { sudo: boolean }): { VESEMIR_SUDO: string } {
  return { VESEMIR_SUDO: sudo ? 'sudo -n' : '' }
}

function serviceFailed(error: unknown, what: string): unknown {
  if (!isVesemirError(error, 'COMMAND_FAILED', 'COMMAND_TIMED_OUT')) return error
  const message = `${what} did not succeed: ${error.message}`
  return new VesemirError('SERVICE_FAILED', message, { cause: error, details: error.details })
}
