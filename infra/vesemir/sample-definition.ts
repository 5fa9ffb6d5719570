import { join } from 'node:path'
import type { Client } from '@vesemir/contract'
import type { FleetState } from '../fleet/fleet-state.ts'
import { cluster } from './worker-settings.ts'

type Definition = Parameters<Client['putApplication']>[0]

/**
 * Gives the definition of the fleet's application, with artifacts from a folder and times that suit a fleet on one machine.
 * The VMs share a file system: what is at one path on real machines has the host's name in it here.
 */
export function sampleDefinition(fleet: FleetState, artifacts: string): Definition {
  const { application, team, tags, environment, appPort, dir } = fleet
  return {
    name: application,
    description: 'The sample application: answers its version and its health.',
    team,
    cluster,
    hosts: { tags },
    concurrency: 1,
    loadBalancer: {
      kind: 'haproxy',
      boxes: { cookbook: 'haproxy', tags: ['haproxy'] },
      backends: [application],
      drainTimeout: '10s',
      drainDeadline: '20s',
      degradedWeight: '30%',
      degradationTime: '3s',
    },
    changeset: {
      strategy: 'artifact',
      url: `file://${artifacts}/${application}-{version}.tar.gz`,
      directory: join(dir, 'vm', '{host}', 'srv', application),
    },
    service: { restart: `sv restart ${join(dir, 'vm')}/$VESEMIR_HOST/sv/${application}` },
    healthCheck: {
      kind: 'http',
      port: appPort,
      path: '/healthz',
      address: 'host',
      expectBody: '{version}',
      interval: '200ms',
      deadline: '20s',
    },
    environments: { [environment]: {} },
  }
}
