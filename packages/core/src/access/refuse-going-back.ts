import type { DeploymentSpec, Protection } from '@vesemir/contract'
import { isGood } from '../choose-rollback.ts'
import type { DeploymentIndex } from '../ports/deployment-index.ts'
import { brokenRules, rulesAt } from './rules.ts'

/**
 * Refuses a deployment that goes back to a version of which no record shows that it succeeded there, where requests may not change
 * tasks: the migration that the version needs would be left out. Records may have been removed since.
 * @throws {VesemirError} `ENVIRONMENT_PROTECTED` with `details.errors`
 */
export async function refuseGoingBack(
  spec: DeploymentSpec,
  {
    protections,
    deploymentIndex,
  }: { protections: readonly Protection[]; deploymentIndex: Pick<DeploymentIndex, 'list'> },
): Promise<void> {
  const { goesBack, application, environment, version } = spec
  const isFree = rulesAt(spec, protections).every(({ mayChange }) => mayChange.includes('tasks'))
  if (!goesBack || isFree) return
  const filter = { application, environment, version, status: 'succeeded', limit: 200 } as const
  const { deployments } = await deploymentIndex.list(filter)
  if (deployments.some(isGood)) return
  const message = `no record shows that ${version} succeeded in ${environment}, and only its tasks of a rollback would run: deploy it without goesBack, or have an admin allow mayChange: [tasks]`
  throw brokenRules(environment, [{ field: 'goesBack', message }])
}
