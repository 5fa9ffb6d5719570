import { DeploymentRequest, type DeploymentSpec, type HostsBehind, type PlanPreview } from '@vesemir/contract'
import { aPlan } from '@vesemir/contract/testing'
import { resolveSpec } from '@vesemir/core'
import { createSystemClock } from '@vesemir/process/clock'
import { createAnswerer } from '@vesemir/store/queue'
import type { RedisServer } from '@vesemir/testing/start-redis'
import { anApplication, seals, type TestApi } from './start-api.ts'

const unasked = () => Promise.reject(new Error('this is not asked here'))

interface PlannerOptions {
  server: RedisServer
  /** What it says: always, or one after the other. */
  only: HostsBehind | readonly HostsBehind[]
  /** Gets what it was asked to plan. */
  asked?: DeploymentSpec[]
}

/** Starts a worker that says which hosts are behind. */
export async function startPlanner({ prefix }: TestApi, { server, only: says, asked = [] }: PlannerOptions) {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const plan = async ({ spec }: { spec: DeploymentSpec }): Promise<PlanPreview> => {
    const only = 'behind' in says ? says : says[Math.min(asked.length, says.length - 1)]!
    asked.push(spec)
    return { plan: { ...aPlan(only.behind.map(({ host }) => host)), only }, servers: [], steps: [], needsYes: false }
  }
  const hosts = async () => ({ hosts: ['web-1', 'web-2', 'web-3'] })
  const answers = { plan, hosts, doctor: async () => ({ checks: [] }), balancers: unasked, recovery: unasked }
  const worker = createAnswerer(redis, {
    cluster: 'eu',
    concurrency: 5,
    prefix,
    clock: createSystemClock(),
    seals,
    answers,
    onError: () => {},
    onBug: () => {},
  })
  await worker.ready()
  return worker
}

/** Deploys a version to all hosts of payments, as a worker records it. */
export async function deployed({ records }: TestApi, version: string): Promise<string> {
  const application = anApplication()
  await records.applications.put(application)
  const asked = DeploymentRequest.parse({ application: 'payments', environment: 'production', version })
  const { id } = await records.deployments.create({
    spec: resolveSpec(asked, { application, clusters: ['eu'] }),
    requestedBy: 'ada',
  })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-1', 'web-2']) })
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
  return id
}
