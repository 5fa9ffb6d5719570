import type { DeploymentRequest, DeploymentSpec, Plan } from '@vesemir/contract'

/** Plans that were shown to people, which can be deployed as they are for a while. */
export interface Plans {
  /** Returns a new plan's id. Numbers count up. */
  nextId(): Promise<string>
  /** Keeps a plan for 24 hours. Returns the moment until which it is kept. */
  keep(plan: StoredPlan): Promise<string>
  /** Reads a plan; undefined where there is none of this id, or none any more. */
  read(id: string): Promise<StoredPlan | undefined>
}

/** A plan that can be deployed: what it came to, and what it was made of. */
export interface StoredPlan {
  id: string
  request: DeploymentRequest
  /** The request, completed by the definition as it was then. */
  spec: DeploymentSpec
  plan: Plan
}
