/** Starts the walks of hosts on whichever worker is free. */
export interface HostJobs {
  /** Adds the host's job, or finds the one that is there. Its successor is the host whose turn is when it has ended. */
  start(deploymentId: string, host: string, successor?: string): Promise<void>
  /** Whether a job is there that will still run, or runs: a host in flight without one is started again. */
  isAlive(deploymentId: string, host: string): Promise<boolean>
}
