import type { Claims } from '@vesemir/core'
import { claimDeployment } from './claim-deployment.ts'
import { claimHost } from './claim-host.ts'
import { refuseDeployment } from './refuse-deployment.ts'
import type { Store } from './store.ts'

/** Fences deployments and hosts, each by its attempt's number. */
export function createClaims(store: Store): Claims {
  return {
    claimDeployment: (id, worker) => claimDeployment(store, { id, worker }),
    claimHost: (id, host, worker) => claimHost(store, { id, host, worker }),
    refuseDeployment: (id, failure) => refuseDeployment(store, { id, failure }),
  }
}
