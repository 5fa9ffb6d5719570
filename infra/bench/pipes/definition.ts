import type { Client } from '@vesemir/contract'
import { cluster } from '../system/start-system.ts'

type Definition = Parameters<Client['putApplication']>[0]

/** Gives an application on one host without a load balancer, whose deployment is this changeset and nothing that takes time. */
export function definition(changeset: Definition['changeset']): Definition {
  return {
    name: 'payments',
    team: 'core',
    cluster,
    hosts: {},
    concurrency: 1,
    loadBalancer: { kind: 'none' },
    changeset,
    service: { restart: 'true' },
    healthCheck: { kind: 'command', command: 'true', successes: 1 },
    environments: { production: {} },
  }
}

export const request = { application: 'payments', environment: 'production' }
