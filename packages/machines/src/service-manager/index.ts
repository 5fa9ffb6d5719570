import type { ServiceKind, ServiceManager, ServiceManagers, ServiceOf } from '@vesemir/core'
import { createCommand } from './command/create-command.ts'
import { createRunit } from './runit/create-runit.ts'
import { createSystemd } from './systemd/create-systemd.ts'

/** Creates every service manager once, and picks among them by a service's `kind`. */
export function createServiceManagers(): ServiceManagers {
  const managers: { [Kind in ServiceKind]: ServiceManager<ServiceOf<Kind>> } = {
    command: createCommand(),
    runit: createRunit(),
    systemd: createSystemd(),
  }
  return ({ kind = 'command' }) => managers[kind]
}
