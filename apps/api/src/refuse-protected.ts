import type { ApplicationDefinition, DeploymentRequest, DeploymentSpec, Protection } from '@vesemir/contract'
import { isVesemirError, refuseGoingBack, refuseProtectedSettings, type DeploymentIndex } from '@vesemir/core'

interface Sources {
  application: ApplicationDefinition | undefined
  /** What the request comes to. */
  spec: DeploymentSpec
  protections: readonly Protection[]
  deploymentIndex: Pick<DeploymentIndex, 'list'>
}

/** Refuses what an environment's rules do not leave to requests. @throws {VesemirError} `ENVIRONMENT_PROTECTED` */
export async function refuseProtected(request: DeploymentRequest, sources: Sources): Promise<void> {
  const { application, spec, protections } = sources
  refuseProtectedSettings(request, { application, cluster: spec.cluster, protections })
  await refuseGoingBack(spec, sources)
}

/** Says in a plan what `refuseProtected` would refuse. */
export async function warnOfProtected(request: DeploymentRequest, sources: Sources): Promise<string[]> {
  try {
    await refuseProtected(request, sources)
    return []
  } catch (error) {
    if (!isVesemirError(error, 'ENVIRONMENT_PROTECTED')) throw error
    return [`deploying this is refused: ${error.message}`]
  }
}
