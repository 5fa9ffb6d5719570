/** The walk of a host that a job is for. */
export interface WalkToStart {
  host: string
  /** The attempt in which the walk before it ended, as `lastWalkOf`: the job is for no later walk. */
  after: number
  /** The host whose turn is next when this one has ended. */
  successor?: string | undefined
}

/** Starts the walks of hosts on whichever worker is free. */
export interface HostJobs {
  /** Adds the host's job, or finds the one that is there. */
  start(deploymentId: string, walk: WalkToStart): Promise<void>
  /** Whether a job is there that will still run, or runs: a host in flight without one is started again. */
  isAlive(deploymentId: string, host: string): Promise<boolean>
}
