import type { HostRecord, StepName } from '@vesemir/contract'
import type { Clock } from './ports/clock.ts'

/**
 * Starts to count how long a step of a host takes, and returns the count in milliseconds. What an earlier attempt spent on it
 * follows from the record and the time that all workers share, and is never negative; from here on a stopwatch counts.
 */
export function countStepTime({ steps }: HostRecord, step: StepName, clock: Clock): () => number {
  const interrupted = steps.find((record) => record.step === step && record.status === 'running')
  const earlierMs = interrupted ? Math.max(0, clock.now() - Date.parse(interrupted.startedAt)) : 0
  const elapsedMs = clock.startStopwatch()
  return () => earlierMs + elapsedMs()
}
