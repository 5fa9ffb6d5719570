import { findProcess } from '../../../infra/fleet/processes.ts'
import { processTrees, type ProcessIdentity } from '../../../infra/fleet/process-table.ts'
import type { System } from '../../support/start-system.ts'

/** Sends a signal to a process of the fleet or of Vesemir, by its name. */
export function signal({ fleet }: System, name: string, signal: NodeJS.Signals): void {
  process.kill(findProcess(fleet, name).pid, signal)
}

/** Sends a signal to a process and to all that descends from it; gives those that got it. */
export function signalTree(roots: readonly ProcessIdentity[], signal: NodeJS.Signals): ProcessIdentity[] {
  const tree = processTrees(roots)
  for (const { pid } of tree) signalIfThere(pid, signal)
  return tree
}

/** Of a tree, a process may end between the look at it and its turn here. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
