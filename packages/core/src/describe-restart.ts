import type { Service } from '@vesemir/contract'

/** Returns how a service is restarted, in the words that people would use for it. */
export function describeRestart(service: Service): string {
  switch (service.kind) {
    case undefined:
    case 'command':
      return service.restart
    case 'systemd':
      return `systemctl ${service.user ? '--user ' : ''}restart ${service.unit}`
    case 'runit':
      return `sv restart ${service.service}`
  }
}
