import type { ServiceManager, ServiceOf } from '@vesemir/core'
import { manageByScripts, sudoVariable } from '../manage-by-scripts.ts'
import { runitLog, runitRestart } from './scripts.ts'

/** Restarts services of runit, of which the host's own name may be a part. */
export function createRunit(): ServiceManager<ServiceOf<'runit'>> {
  return manageByScripts({
    restart: runitRestart,
    log: runitLog,
    envOf: (service, host) => ({
      VESEMIR_SERVICE: service.service.replaceAll('{host}', host),
      ...sudoVariable(service),
    }),
  })
}
