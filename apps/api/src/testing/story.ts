import { aPlan } from '@vesemir/contract/testing'
import { DeploymentRequest } from '@vesemir/contract'
import { resolveSpec, type DeploymentClaim, type HostClaim } from '@vesemir/core'
import { anApplication, type TestApi } from './start-api.ts'

/** Records a running deployment of two hosts, with five events so far; the claims tell its story on. */
export async function startStory({ records, socketUrl }: Pick<TestApi, 'records' | 'socketUrl'>) {
  const order = DeploymentRequest.parse({ application: 'payments', environment: 'production', version: '1.4.2' })
  const spec = resolveSpec(order, { application: anApplication(), clusters: ['eu'] })
  const { id } = await records.deployments.create({ spec, requestedBy: 'ada' })
  const deployment = await records.claims.claimDeployment(id, 'w1')
  await deployment.append({ type: 'deployment.planned', plan: aPlan(['web1', 'web2']) })
  const web1 = await records.claims.claimHost(id, 'web1', 'w1')
  const web2 = await records.claims.claimHost(id, 'web2', 'w1')
  await step(web1)
  const path = `/v1/deployments/${id}/events`
  return { id, deployment, web1, web2, path, address: socketUrl + path }
}

/** Appends one event of a host. */
export async function step(host: HostClaim): Promise<void> {
  await host.append({ type: 'step.started', host: host.host.target.name, step: 'connect' })
}

/** Appends one line of a host's log. */
export async function say(host: HostClaim, stream: 'stdout' | 'stderr', text: string): Promise<void> {
  void host.log('deploy', { stream, text })
  await host.flush()
}

/** Appends the last event. */
export async function end(deployment: DeploymentClaim): Promise<void> {
  await deployment.end({ type: 'deployment.ended', outcome: 'succeeded' })
}
