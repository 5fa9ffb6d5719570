import { durationMs } from '@vesemir/contract'
import { isVesemirError, VesemirError } from '../errors.ts'
import { describeRestart, serviceScripts } from '../services/service-scripts.ts'
import { tellServiceLog } from '../services/tell-service-log.ts'
import { act, commandEnv, logLine, type ConnectedWalk } from '../walk.ts'
import type { Step } from './step.ts'

/**
 * Restarts the application, and waits until its service manager says that it runs. Its log is told when it does not.
 * @throws {VesemirError} `SERVICE_FAILED`, and as `RemoteSession.run`
 */
export const restart: Step<'restart'> = {
  name: 'restart',
  rotation: 'out',
  leaves: 'unproven',
  resumes: { inService: 'guard', heldOut: 'restart' },
  hooks: { before: 'beforeRestart', after: 'afterRestart' },
  describe: ({ service }) => `${describeRestart(service)} (at most ${service.timeout})`,
  run: restartService,
}

async function restartService(walk: ConnectedWalk): Promise<string | undefined> {
  const { service } = walk.spec
  const { restart: script, env } = serviceScripts(service, walk.target.name)
  try {
    const { stdout } = await act(walk, () =>
      walk.remote.run(script, {
        timeoutMs: durationMs(service.timeout),
        env: { ...commandEnv(walk), ...env },
        onLine: logLine(walk),
        signal: walk.signal,
      }),
    )
    return isManaged(walk) ? stdout.trim().split('\n').at(-1) : undefined
  } catch (error) {
    await tellServiceLog(walk)
    throw isManaged(walk) ? serviceFailed(walk, error) : error
  }
}

function isManaged({ spec }: ConnectedWalk): boolean {
  return spec.service.kind !== undefined && spec.service.kind !== 'command'
}

function serviceFailed({ spec, target }: ConnectedWalk, error: unknown): unknown {
  if (!isVesemirError(error, 'COMMAND_FAILED', 'COMMAND_TIMED_OUT')) return error
  const message = `${describeRestart(spec.service)} on ${target.name} did not succeed: ${error.message}`
  return new VesemirError('SERVICE_FAILED', message, { cause: error, details: error.details })
}
