import type { ServiceManager, ServiceOf } from '@vesemir/core'
import { readScript } from '../../read-script.ts'
import { manageByScripts, sudoVariable } from '../manage-by-scripts.ts'

const parts = {
  'look.sh': new URL('./look.sh', import.meta.url),
  'need.sh': new URL('../../host-needs/need.sh', import.meta.url),
}

/** Restarts units of systemd. */
export function createSystemd(): ServiceManager<ServiceOf<'systemd'>> {
  return manageByScripts({
    prove: readScript(new URL('./prove.sh', import.meta.url), parts),
    restart: readScript(new URL('./restart.sh', import.meta.url), parts),
    log: readScript(new URL('./log.sh', import.meta.url), parts),
    envOf: (service) => ({
      VESEMIR_UNIT: service.unit,
      VESEMIR_SCOPE: service.user ? '--user' : '',
      ...sudoVariable(service),
    }),
  })
}
