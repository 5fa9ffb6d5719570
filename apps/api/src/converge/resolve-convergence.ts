import { DeploymentRequest, type Deployment, type DeploymentSpec } from '@vesemir/contract'
import {
  readExpected,
  resolveSpec,
  type ApplicationEnvironment,
  type Applications,
  type Deployments,
  type HostHistory,
} from '@vesemir/core'

/** What is read to know what should run. */
export interface ConvergencePorts {
  applications: Pick<Applications, 'read'>
  deployments: Pick<Deployments, 'read'>
  hostHistory: Pick<HostHistory, 'readWanted'>
  clusters: readonly string[]
}

/** What would bring the hosts of an environment that are behind up to what should run, and what had its machines last. */
interface Resolved {
  spec: DeploymentSpec & { converges: NonNullable<DeploymentSpec['converges']> }
  current: Deployment | undefined
}

/** Makes the deployment of what should run. @throws {VesemirError} as `readExpected` and `resolveSpec` */
export async function resolveConvergence(
  { application: name, environment, reason }: ApplicationEnvironment & { reason?: string | undefined },
  ports: ConvergencePorts,
): Promise<Resolved> {
  const application = await ports.applications.read(name)
  const { expected, current } = await readExpected({ application: name, environment }, ports)
  const { version, deployment, release } = expected
  const asked = DeploymentRequest.parse({ application: name, environment, version, reason, only: 'behind' })
  const resolved = resolveSpec(asked, { application, clusters: ports.clusters })
  return { spec: { ...resolved, converges: { deployment, release } }, current }
}
