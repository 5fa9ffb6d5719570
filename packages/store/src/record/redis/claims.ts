import type { Claims } from '@vesemir/core'
import { beginHostRun, beginRun } from './begin-run.ts'
import { claimDeployment } from './claim-deployment.ts'
import { claimHost } from './claim-host.ts'
import type { Store } from './store.ts'

/** Fences deployments and hosts, each by its attempt's number. */
export function createClaims(store: Store): Claims {
  return {
    beginRun: (id, run) => beginRun(store, { id, run }),
    beginHostRun: (id, host, run) => beginHostRun(store, { id, host, run }),
    claimDeployment: (id, worker) => claimDeployment(store, { id, worker }),
    claimHost: (id, host, worker) => claimHost(store, { id, host, worker }),
  }
}
