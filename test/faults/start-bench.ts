import type { FleetOptions } from '../../infra/fleet/fleet-options.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { doomedBox } from './faults/fault.ts'

/** The workers of every bench. */
export const workers = ['worker-1', 'worker-2'] as const

/** The second application, on the same machines. */
export const neighbour = 'orders'

/** Starts a fleet of so many hosts behind two boxes, and a Vesemir that gives a silent host or box up within seconds. */
export function startBench({ hosts, haproxy }: Pick<FleetOptions, 'hosts' | 'haproxy'>): Promise<System> {
  return startSystem({
    fleet: {
      ...(hosts === undefined ? {} : { hosts }),
      neighbours: [neighbour],
      pidNamespaces: [doomedBox],
      // A check that a busy machine answers late must not take a healthy server down: that would be a fault of the test.
      haproxy: { ...haproxy, backendLines: ['timeout check 2s', ...(haproxy?.backendLines ?? [])] },
    },
    workers,
    remoteShell: { connectTimeout: '3s', keepAliveInterval: '1s' },
    haproxy: { answerTimeout: '2s' },
  })
}
