import type { Service } from '@vesemir/contract'
import { runitLog, runitRestart } from './runit.ts'
import { systemdLog, systemdRestart } from './systemd.ts'

/** What a host runs by `sh` for a service, with `env` in the environment. */
export interface ServiceScripts {
  /** Restarts it, and ends when its manager says that it runs. Its last line says how. */
  restart: string
  /** Prints its state and the last lines of its own log; nothing where no manager keeps one. */
  log: string | undefined
  env: Readonly<Record<string, string>>
}

/** Gives the scripts for a service of a host. They are constant: what differs reaches them through the environment. */
export function serviceScripts(service: Service, host: string): ServiceScripts {
  switch (service.kind) {
    case undefined:
    case 'command':
      return { restart: service.restart, log: undefined, env: {} }
    case 'systemd':
      return {
        restart: systemdRestart,
        log: systemdLog,
        env: { VESEMIR_UNIT: service.unit, VESEMIR_SUDO: sudoOf(service) },
      }
    case 'runit':
      return {
        restart: runitRestart,
        log: runitLog,
        env: { VESEMIR_SERVICE: service.service.replaceAll('{host}', host), VESEMIR_SUDO: sudoOf(service) },
      }
  }
}

/** Tells people how a service is restarted, in the words that they would use for it. */
export function describeRestart(service: Service): string {
  switch (service.kind) {
    case undefined:
    case 'command':
      return service.restart
    case 'systemd':
      return `systemctl restart ${service.unit}`
    case 'runit':
      return `sv restart ${service.service}`
  }
}

function sudoOf({ sudo }: { sudo: boolean }): string {
  return sudo ? 'sudo -n' : ''
}
