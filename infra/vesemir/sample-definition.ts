import { join } from 'node:path'
import type { Client } from '@vesemir/contract'
import { applicationsOf, type FleetState } from '../fleet/fleet-state.ts'
import { cluster } from './worker-settings.ts'

type Definition = Parameters<Client['putApplication']>[0]

/**
 * Gives the definition of an application of the fleet, the main one unless another is named, with artifacts from a folder and
 * times that suit a fleet on one machine. The VMs share a file system: what is at one path on real machines has the host's name
 * in it here.
 */
export function sampleDefinition(
  fleet: FleetState,
  artifacts: string,
  { application = fleet.application }: { application?: string } = {},
): Definition {
  const { team, tags, environment, dir, neighbours } = fleet
  const { appPort } = applicationsOf(fleet).find(({ name }) => name === application)!
  // Chef knows a VM by its main application alone.
  const hosts = application === fleet.application ? { tags } : { query: tags.map((tag) => `tags:${tag}`).join(' AND ') }
  return {
    name: application,
    description: 'The sample application: answers its version and its health.',
    team,
    cluster,
    hosts,
    concurrency: 1,
    loadBalancer: {
      kind: 'haproxy',
      boxes: { cookbook: 'haproxy', tags: ['haproxy'] },
      backends: [application],
      // Its neighbours' servers have the same machines' addresses.
      ...(neighbours.length > 0 ? { otherServers: 'ignore' } : {}),
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
