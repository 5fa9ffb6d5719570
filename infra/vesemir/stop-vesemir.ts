import type { FleetState } from '../fleet/fleet-state.ts'
import { stopProcesses } from '../fleet/processes.ts'

/** Ends every API process and worker of a fleet, while Redis is still there for what they hand over. */
export async function stopVesemir(fleet: FleetState): Promise<void> {
  await stopProcesses(fleet, ({ name }) => name.startsWith('api') || name.startsWith('worker'))
}
