import { ApiError, type DeploymentView } from '@vesemir/contract'
import { errorTable, isIncomplete, isVesemirError } from '@vesemir/core'

/** The exit codes that stand for no error code; those of errors are a column of the core's table. */
export const exitCodes = { succeeded: 0, failed: 1, stillRunning: 6, incomplete: 9, interrupted: 130 } as const

/** The exit code of a deployment as it stands: of one that failed, by the reason. What is not known is never a success. */
export function exitOfDeployment(deployment: DeploymentView['deployment']): number {
  const { state } = deployment
  switch (state.status) {
    case 'queued':
    case 'planning':
    case 'running':
    case 'paused':
    case 'gated':
      return exitCodes.stillRunning
    case 'succeeded':
      return isIncomplete(deployment) ? exitCodes.incomplete : exitCodes.succeeded
    case 'cancelled':
      return errorTable.CANCELLED.exit
    case 'rolled-back':
      return errorTable.ROLLED_BACK.exit
    case 'failed':
      return exitOfCode(state.failure.code)
  }
  return exitCodes.failed
}

/** The exit code of the command that a deployment was given last: a refusal counts, however the deployment had ended before. */
export function exitOfCommand(deployment: DeploymentView['deployment']): number {
  return deployment.refused ? exitOfCode(deployment.refused.code) : exitOfDeployment(deployment)
}

/** The exit code of an error. What is not known is a plain failure, never a success. */
export function exitOfError(error: unknown): number {
  return error instanceof ApiError || isVesemirError(error) ? exitOfCode(error.code) : exitCodes.failed
}

function exitOfCode(code: string): number {
  return Object.hasOwn(errorTable, code) ? errorTable[code as keyof typeof errorTable].exit : exitCodes.failed
}
