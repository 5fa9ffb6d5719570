import type { Deployment, DeploymentSpec } from '@vesemir/contract'
import type { DeploymentIndex, Deployments } from '@vesemir/core'

interface FindPorts {
  deploymentIndex: Pick<DeploymentIndex, 'listOngoing'>
  deployments: Pick<Deployments, 'readView'>
}

/**
 * Finds the deployment that does what another is to do: one that waits for its turn asks the hosts then, so that it is enough for many
 * who ask; one to a single host is found in one that still has to bring this host up, too.
 */
export async function findSameConverging(
  spec: DeploymentSpec,
  { deploymentIndex, deployments }: FindPorts,
): Promise<string | undefined> {
  const host = spec.partial && spec.hosts.only?.[0]
  const ongoing = await deploymentIndex.listOngoing()
  const same = ongoing.filter((other) => isToSame(other.spec, spec))
  const asking = same.find((other) => !other.plan && willAsk(other, host))
  if (asking || host === undefined) return asking?.id
  for (const { id, plan } of same) {
    const { hosts = [] } = (plan && (await deployments.readView(id))) ?? {}
    const found = hosts.find(({ target }) => target.name === host)
    if (found?.state.status === 'pending' || found?.state.status === 'running') return id
  }
  return undefined
}

function isToSame(other: DeploymentSpec, { application, environment, converges }: DeploymentSpec): boolean {
  return (
    other.application === application &&
    other.environment === environment &&
    other.converges !== undefined &&
    other.converges.release === converges?.release
  )
}

/** One to all hosts that is being planned may have asked this host before it had something to say. */
function willAsk({ spec, state }: Deployment, host: string | undefined): boolean {
  if (spec.partial) return host !== undefined && spec.hosts.only?.includes(host) === true
  return state.status === 'queued'
}
