import type { Deployment } from '@vesemir/contract'

/** Leaves out of a deployment what would make a list of them long: what each changes. */
export function asRow({ plan, ...deployment }: Deployment): Deployment {
  if (!plan) return deployment
  const { changes: _changes, ...rest } = plan
  return { ...deployment, plan: rest }
}
