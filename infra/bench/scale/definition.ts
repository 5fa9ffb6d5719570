import type { Client } from '@vesemir/contract'
import { cluster } from '../system/start-system.ts'
import { commands } from './serve-host.ts'

type Definition = Parameters<Client['putApplication']>[0]

export const application = 'payments'
export const environment = 'production'

/** Gives the application that the hosts run. */
export function definition(concurrency: number): Definition {
  return {
    name: application,
    team: 'core',
    cluster,
    hosts: {},
    concurrency,
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: [commands.install] },
    service: { restart: commands.restart },
    healthCheck: { kind: 'http', port: 80, path: '/healthz', expectBody: '{version}', interval: '100ms', successes: 1 },
    environments: { [environment]: {} },
  }
}
