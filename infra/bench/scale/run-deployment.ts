import type { DeploymentView } from '@vesemir/contract'
import { setTimeout } from 'node:timers/promises'
import type { BenchSystem } from '../system/start-system.ts'
import { application, definition, environment } from './definition.ts'

/** One deployment to all hosts, as its record tells it. */
export interface DeploymentRun {
  id: string
  /** From the first host's start to the last one's end. */
  rolloutMs: number
  /** From the request to the first host's start: the queue, inventory, plan and record. */
  planMs: number
  view: DeploymentView
}

const lookMs = 100

/** Deploys a version to all hosts, and waits for its end. Nobody watches: what viewers cost is measured for itself. */
export async function runDeployment(
  { client, redis }: Pick<BenchSystem, 'client' | 'redis'>,
  { version, concurrency }: { version: string; concurrency: number },
): Promise<DeploymentRun> {
  await client.putApplication(definition(concurrency))
  const { id } = await client.createDeployment({ application, environment, version })
  while (!(await hasEnded(redis, id))) await setTimeout(lookMs)
  const view = await client.getDeployment(id)
  const { state, createdAt } = view.deployment
  if (state.status !== 'succeeded') throw new Error(`${id} ended as ${JSON.stringify(state)}`)
  const starts = view.hosts.map(({ steps }) => Date.parse(steps[0]!.startedAt))
  const ends = view.hosts.map(({ state }) => ('endedAt' in state ? Date.parse(state.endedAt) : 0))
  const firstMs = Math.min(...starts)
  return { id, rolloutMs: Math.max(...ends) - firstMs, planMs: firstMs - Date.parse(createdAt), view }
}

async function hasEnded(redis: BenchSystem['redis'], id: string): Promise<boolean> {
  const status = await redis.hget(`vesemir:deployment:${id}`, 'status')
  return status === 'succeeded' || status === 'failed' || status === 'cancelled'
}
