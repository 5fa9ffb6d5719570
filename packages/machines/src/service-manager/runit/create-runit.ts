import type { ServiceManager, ServiceOf } from '@vesemir/core'
import { readScript } from '../../read-script.ts'
import { manageByScripts, sudoVariable } from '../manage-by-scripts.ts'

const parts = {
  'need.sh': new URL('../../host-needs/need.sh', import.meta.url),
  'status.sh': new URL('./status.sh', import.meta.url),
}

/** Restarts services of runit, of which the host's own name may be a part. */
export function createRunit(): ServiceManager<ServiceOf<'runit'>> {
  return manageByScripts({
    prove: readScript(new URL('./prove.sh', import.meta.url), parts),
    restart: readScript(new URL('./restart.sh', import.meta.url), parts),
    log: readScript(new URL('./log.sh', import.meta.url), parts),
    envOf: (service, host) => ({
      VESEMIR_SERVICE: service.service.replaceAll('{host}', host),
      ...sudoVariable(service),
    }),
  })
}
