import { isVesemirError } from './errors.ts'

/** Whether an error says that this worker is not to go on, rather than that the host failed. */
export function isNotOurs(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || isVesemirError(error, 'FENCE_LOST')
}
