import type { DeploymentSpec, Protection } from '@vesemir/contract'
import { isGood } from '../choose-rollback.ts'
import type { DeploymentIndex } from '../ports/deployment-index.ts'
import { brokenRules, rulesAt } from './rules.ts'

/**
 * Refuses a deployment that goes back to a version which has not succeeded there, where requests may not change tasks: the
 * migration that the version needs would be left out.
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
  const message = `${version} has not succeeded in ${environment}, and only its tasks of a rollback would run`
  throw brokenRules(environment, [{ field: 'goesBack', message }])
}
