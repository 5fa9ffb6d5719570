import type { Command, CommandAccepted } from '@vesemir/contract'

/** What people tell deployments to do. */
export interface Commands {
  /**
   * Records a command, which the deployment's coordinator carries out. A deployment that has ended, and is told to retry or roll
   * back, is queued again.
   * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `COMMAND_REFUSED`, `DEPLOYMENT_SUPERSEDED`, `HOST_UNKNOWN`
   */
  give(id: string, given: { command: Command; by: string }): Promise<CommandAccepted>
}
