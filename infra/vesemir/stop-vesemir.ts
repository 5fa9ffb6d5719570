import type { FleetState } from '../fleet/fleet-state.ts'
import { stopProcesses } from '../fleet/processes.ts'

/** Ends the API and all workers of a fleet, while Redis is still there for what they hand over. */
export async function stopVesemir(fleet: FleetState): Promise<void> {
  await stopProcesses(fleet, ({ name }) => name === 'api' || name.startsWith('worker'))
}
