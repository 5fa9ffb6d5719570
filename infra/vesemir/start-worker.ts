import type { FleetProcess, FleetState } from '../fleet/fleet-state.ts'
import { startVesemirProcess } from './start-process.ts'
import { workerSettings, type WorkerSettings } from './worker-settings.ts'

/** Starts a worker for a fleet, and waits until it takes jobs. */
export function startWorker(fleet: FleetState, settings: WorkerSettings): Promise<FleetProcess> {
  return startVesemirProcess(fleet, {
    name: settings.name,
    app: 'worker',
    settings: workerSettings(fleet, settings),
    variable: 'VESEMIR_WORKER_CONFIG',
    isReady: (log) => log.includes('"worker ready"'),
  })
}
