import { describeRestart } from '../describe-restart.ts'
import { act, commandEnv, logLine, revealedVariables, type ConnectedWalk } from '../walk.ts'
import type { Step } from './step.ts'

/**
 * Restarts the application, and waits until its service manager says that it runs.
 * @throws {VesemirError} as `ServiceManager.restart`
 */
export const restart: Step<'restart'> = {
  name: 'restart',
  rotation: 'out',
  leaves: 'unproven',
  needsService: true,
  resumes: { inService: 'guard', heldOut: 'restart' },
  hooks: { before: 'beforeRestart', after: 'afterRestart' },
  describe: ({ service }) => `${describeRestart(service)} (at most ${service.timeout})`,
  run: restartService,
}

async function restartService(walk: ConnectedWalk): Promise<string | undefined> {
  const { ports, remote, signal, spec } = walk
  const { environment } = { environment: undefined, ...spec.service }
  const secretEnv = await revealedVariables(walk, environment)
  const context = { session: remote, env: commandEnv(walk), secretEnv, onLine: logLine(walk), signal }
  return act(walk, () => ports.serviceManagers(spec.service).restart(spec.service, context))
}
