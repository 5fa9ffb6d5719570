import type { ServiceManager, ServiceOf } from '@vesemir/core'
import { manageByScripts, sudoVariable } from '../manage-by-scripts.ts'
import { systemdLog, systemdRestart } from './scripts.ts'

/** Restarts units of systemd. */
export function createSystemd(): ServiceManager<ServiceOf<'systemd'>> {
  return manageByScripts({
    restart: systemdRestart,
    log: systemdLog,
    envOf: (service) => ({ VESEMIR_UNIT: service.unit, ...sudoVariable(service) }),
  })
}
