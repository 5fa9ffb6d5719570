import type { Deployment, HostFact, HostRecord, LogLine, StepName } from '@vesemir/contract'

/** A worker's exclusive right to one host of a deployment, as `DeploymentClaim`. Dispose of it to stop listening for commands. */
export interface HostClaim extends AsyncDisposable {
  readonly deployment: Deployment
  readonly host: HostRecord
  readonly attempt: number
  /** @throws {VesemirError} `FENCE_LOST` */
  append(fact: HostFact): Promise<void>
  /**
   * Notes a fact, such as that a step has ended, where the next follows at once: they are appended together. It is in `host` from
   * now on, and lost with a worker that dies in between, as if that had died a moment earlier.
   */
  defer(fact: DeferredFact): void
  /** Checks that the claim still holds: called right before each action on a machine. @throws `FENCE_LOST` */
  check(): Promise<void>
  /** Returns a signal that is aborted with this one, or with `CANCELLED` when the deployment is to stop at the next safe point. */
  untilCancelled(signal: AbortSignal): AbortSignal
  /** Adds a line of output; lines travel in batches. Returns a promise when the next had better wait for it. */
  log(step: StepName, line: LogLine): Promise<void> | undefined
  /** Sends the lines that are still waiting. */
  flush(): Promise<void>
}

/** The facts that another always follows at once. */
export type DeferredFact = Extract<
  HostFact,
  { type: 'step.ended' | 'release.seen' | 'release.introduced' | 'release.reverted' }
>

/** How the walk of a host can end. */
export type HostEnd = 'succeeded' | 'failed' | 'unreachable' | 'skipped' | 'rolled-back'
