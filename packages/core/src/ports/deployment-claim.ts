import type { Deployment, DeploymentFact, DeploymentRef, HostFact, HostRecord, LogLine, Plan } from '@vesemir/contract'

/** How a host has ended. */
export type HostEnded = Pick<Extract<HostFact, { type: 'host.ended' }>, 'host' | 'outcome' | 'traffic' | 'failure'>

/**
 * A worker's exclusive right to one deployment's record. Facts are appended together with the record that follows from
 * them, in one atomic step, and only while no later attempt has claimed it.
 */
export interface DeploymentClaim {
  readonly deployment: Deployment
  readonly attempt: number
  /** @throws {VesemirError} `FENCE_LOST` */
  append(fact: Exclude<DeploymentFact, EndFact>): Promise<void>
  /** Ends the deployment, unless a command has come that is not in `deployment` yet: then returns false. Throws as `append`. */
  end(fact: EndFact): Promise<boolean>
  /** Checks that the claim still holds: called right before a task acts. @throws {VesemirError} `FENCE_LOST` */
  check(): Promise<void>
  /**
   * Makes sure that no fail-over of Redis loses what was appended last, where replicas are demanded: called after the start of a
   * task is in the record, before it acts. @throws {VesemirError} `FENCE_LOST`, `REDIS_NOT_REPLICATED`
   */
  confirm(): Promise<void>
  /** Adds a line of a task's output, as `HostClaim.log`. */
  log(task: string, line: LogLine): Promise<void> | undefined
  /** Sends the lines that are still waiting. Throws as `append`. */
  flush(): Promise<void>
  /** Reads the hosts, in the order of the plan, and the deployment with them; `cursor` is the last event that is in it. */
  readHosts(): Promise<{ hosts: HostRecord[]; cursor: number }>
  /** Reads some hosts of the plan. */
  readSome(hosts: readonly string[]): Promise<HostRecord[]>
  /**
   * Waits for hosts to end, and for commands, after the cursor; returns none at the latest after `timeoutMs`. Commands are
   * then in `deployment` too. Where Redis has lost what the cursor counts, it goes back to the last event, then at the latest.
   */
  waitForChanges(
    cursor: number,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<{ ended: HostEnded[]; commanded: boolean; cursor: number }>
  /**
   * Reads the deployment that has the machines of the application's environment, or had them last. It is one from its
   * plan on, and again when its hosts are requeued.
   */
  readCurrent(): Promise<DeploymentRef | undefined>
  /**
   * Notes in the records of the deployments that came before this one that it supersedes them, as long as it is the current
   * one. Safe to repeat, and to be called before anything is done to a machine.
   */
  supersede(): Promise<void>
  /** Reads what each host of the application's environment runs and by which deployment, as far as the record knows. */
  readReleases(): Promise<ReadonlyMap<string, HostRuns>>
  /** Reads the plan that the deployment is to come to; undefined where it is free. */
  readExpectedPlan(): Promise<Plan | undefined>
}

/** The version that a host runs, and the deployment that put it in place; undefined when it was someone else, or another may have. */
export interface HostRuns {
  version: string
  id: string | undefined
}

/** The fact that a deployment is over. */
export type EndFact = Extract<DeploymentFact, { type: 'deployment.ended' }>
