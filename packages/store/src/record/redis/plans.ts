import type { DeploymentRequest, DeploymentSpec, Plan } from '@vesemir/contract'
import { parse, type Store } from './store.ts'

/** A plan that can be deployed: what it came to, and what it was made of. */
export interface StoredPlan {
  id: string
  request: DeploymentRequest
  /** The request, completed by the definition as it was then. */
  spec: DeploymentSpec
  plan: Plan
}

const keptHours = 24

/** Returns a new plan's id. Numbers count up. */
export async function nextPlanId({ redis, keys }: Store): Promise<string> {
  return `p-${await redis.incr(keys.lastPlan)}`
}

/** Keeps a plan for 24 hours; returns the moment until which it is kept. */
export async function keepPlan({ redis, keys, clock }: Store, stored: StoredPlan): Promise<string> {
  await redis.set(keys.plan(stored.id), JSON.stringify(stored), 'EX', keptHours * 3600)
  return new Date(clock.now() + keptHours * 3_600_000).toISOString()
}

/** Reads a plan; undefined where there is none of this id, or none any more. */
export async function readPlan({ redis, keys }: Store, id: string): Promise<StoredPlan | undefined> {
  const json = await redis.get(keys.plan(id))
  return json === null ? undefined : parse<StoredPlan>(json)
}
