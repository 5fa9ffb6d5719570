import type { FleetProcess, FleetState } from '../fleet/fleet-state.ts'
import { startVesemirProcess } from './start-process.ts'
import { workerSettings, type WorkerSettings } from './worker-settings.ts'

/** Starts a worker for a fleet, with these environment variables besides its own, and waits until it takes jobs. */
export function startWorker(
  fleet: FleetState,
  settings: WorkerSettings,
  env?: Readonly<Record<string, string>>,
): Promise<FleetProcess> {
  return startVesemirProcess(fleet, {
    name: settings.name,
    app: 'worker',
    installed: settings.installed,
    settings: workerSettings(fleet, settings),
    variable: 'VESEMIR_WORKER_CONFIG',
    env,
    isReady: (log) => log.includes('"worker ready"'),
  })
}
