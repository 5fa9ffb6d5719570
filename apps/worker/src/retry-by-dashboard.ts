import { isVesemirError, type Commands } from '@vesemir/core'

/** Who asks, in the record, when a person runs a job again in the queue dashboard. */
const queueDashboard = 'queue dashboard'

/**
 * Retries a deployment, or one of its hosts, since a person ran its job again in the queue dashboard: a command as any other.
 * @throws {Error} that names the code of a refusal, as the dashboard shows it
 */
export async function retryByDashboard(
  commands: Commands,
  { deploymentId, host }: { deploymentId: string; host?: string },
): Promise<void> {
  const command = { command: 'retry' as const, ...(host === undefined ? {} : { hosts: [host] }) }
  try {
    await commands.give(deploymentId, { command, by: queueDashboard })
  } catch (error) {
    throw isVesemirError(error) ? new Error(`${error.code}: ${error.message}`, { cause: error }) : error
  }
}
