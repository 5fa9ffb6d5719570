import type { Deployment } from '@vesemir/contract'
import type { Purpose } from '@vesemir/machines/remote-shell'

/** Returns what a deployment's connections are opened for: it decides whose key logs in. */
export function purposeOf({ id, spec }: Pick<Deployment, 'id' | 'spec'>): Purpose {
  return { name: 'deployment', deployment: id, application: spec.application, environment: spec.environment }
}
