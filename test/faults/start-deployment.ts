import type { ReleaseBehaviour } from '../../infra/sample-app/build-artifact.ts'
import type { System } from '../support/start-system.ts'

type Request = Parameters<System['client']['createDeployment']>[0]

export interface Wanted {
  version: string
  concurrency: number
  /** The fleet's main one unless given. */
  application?: string
  /** Of all hosts only these. */
  only?: readonly string[]
  /** 1 unless given. */
  minHealthy?: number
  /** How the release behaves. */
  behaviour?: ReleaseBehaviour
  /** Over the short times that hold otherwise. */
  loadBalancer?: object
  settings?: Partial<Request>
}

const shortTimes = {
  guardTimeout: '30s',
  drainTimeout: '3s',
  drainDeadline: '8s',
  healthyTimeout: '15s',
  degradationTime: '600ms',
}

/** Builds a release and starts its deployment, which takes seconds a host; gives the id. */
export async function startDeployment(system: System, wanted: Wanted): Promise<string> {
  const { version, concurrency, minHealthy = 1, behaviour, only, loadBalancer, settings } = wanted
  const { environment } = system.fleet
  const { application = system.fleet.application } = wanted
  await system.release(version, { application, ...behaviour })
  const usual = await system.client.getApplication(application)
  const request = {
    application,
    environment,
    version,
    concurrency,
    // Some of them leave less than half of the servers in service.
    acceptLowCapacity: true,
    loadBalancer: { ...usual.loadBalancer, ...shortTimes, minHealthy, ...loadBalancer },
    healthCheck: { ...usual.healthCheck, deadline: '15s' },
    ...(only && { hosts: { ...usual.hosts, only: [...only] } }),
    ...settings,
  }
  return (await system.client.createDeployment(request as Request)).id
}
