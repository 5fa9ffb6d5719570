import type { DeploymentView } from '@vesemir/contract'
import type { CliResult } from './start-cli.ts'
import type { System } from './start-system.ts'

/** How a deployment by the command line went: what was said, and the record, when there is one. */
export interface Deployed extends CliResult {
  view: DeploymentView | undefined
}

/** Deploys a version of the fleet's application by the command line, and follows it to its end. */
export async function deploy(system: System, version: string, ...options: string[]): Promise<Deployed> {
  const { application, environment } = system.fleet
  const target = [application, '--environment', environment, '--version', version]
  const before = await newestId(system)
  const result = await system.cli('deploy', ...target, ...options)
  const id = await newestId(system)
  return { ...result, view: id === before || id === undefined ? undefined : await system.client.getDeployment(id) }
}

async function newestId({ client }: System): Promise<string | undefined> {
  const { deployments } = await client.listDeployments({ limit: 1 })
  return deployments[0]?.id
}
