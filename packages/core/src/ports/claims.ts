import type {
  Deployment,
  DeploymentFact,
  DeploymentRef,
  HostFact,
  HostRecord,
  LogLine,
  Plan,
  StepName,
} from '@vesemir/contract'

/**
 * A worker's exclusive right to one deployment's record. Facts are appended together with the record that follows from
 * them, in one atomic step, and only while no later attempt has claimed it.
 */
export interface DeploymentClaim {
  readonly deployment: Deployment
  readonly attempt: number
  /** @throws {VesemirError} `FENCE_LOST` */
  append(fact: Exclude<DeploymentFact, EndFact>): Promise<void>
  /** Ends the deployment, unless a command has come that is not in `deployment` yet: then gives false. Throws as `append`. */
  end(fact: EndFact): Promise<boolean>
  /** Reads the hosts, in the order of the plan, and the deployment with them; `cursor` is the last event that is in it. */
  readHosts(): Promise<{ hosts: HostRecord[]; cursor: number }>
  /**
   * Waits for hosts to end, and for commands, after the cursor; gives none at the latest after `timeoutMs`. Commands are
   * then in `deployment` too.
   */
  nextNews(
    cursor: number,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<{ ended: { host: string; outcome: HostEnd }[]; commanded: boolean; cursor: number }>
  /**
   * The deployment that has the machines of the application's environment in hand, or had them last. It is one from its
   * plan on, and again when its hosts are requeued.
   */
  readCurrent(): Promise<DeploymentRef | undefined>
  /**
   * Notes in the records of the deployments that came before this one that it supersedes them, as long as it is the current
   * one. Safe to repeat, and to be called before anything is done to a machine.
   */
  supersede(): Promise<void>
  /** What each host of the application's environment runs and by which deployment, as far as the record knows. */
  readReleases(): Promise<ReadonlyMap<string, HostRuns>>
  /** The plan that the deployment is to come to; undefined where it is free. */
  readExpectedPlan(): Promise<Plan | undefined>
}

/** The version that a host runs, and the deployment that put it in place; undefined when it was someone else. */
export interface HostRuns {
  version: string
  id: string | undefined
}

/** The fact that a deployment is over. */
export type EndFact = Extract<DeploymentFact, { type: 'deployment.ended' }>

export type HostEnd = 'succeeded' | 'failed' | 'unreachable' | 'skipped' | 'rolled-back'

/** A worker's exclusive right to one host of a deployment, as `DeploymentClaim`. Dispose of it to hear no more of commands. */
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
  /** Looks whether the claim still holds: called right before each action on a machine. @throws `FENCE_LOST` */
  check(): Promise<void>
  /** A signal that is aborted with this one, or with `CANCELLED` when the deployment is to stop at the next safe point. */
  untilCancelled(signal: AbortSignal): AbortSignal
  /** Adds a line of output; lines travel in batches. Gives a promise when the next had better wait for it. */
  log(step: StepName, line: LogLine): Promise<void> | undefined
  /** Sends the lines that are still waiting. */
  flush(): Promise<void>
}

/** The facts that another always follows at once. */
export type DeferredFact = Extract<HostFact, { type: 'step.ended' | 'release.seen' }>
