import type { ApplicationHost } from '@vesemir/contract'
import { sayMayRun } from '@vesemir/core'
import { trafficWords } from './status.ts'
import type { Status } from './text.ts'

/**
 * Returns how a host stands with what it runs; the note says what differs from what it should run. While the deployment that
 * last changed it is in progress (`isChanging`), what it should run is open.
 */
export function hostReleaseStatus(
  {
    inInventory,
    runs,
    mayRun,
    drift,
    traffic,
  }: Pick<ApplicationHost, 'inInventory' | 'runs' | 'mayRun' | 'drift' | 'traffic'>,
  { isChanging }: { isChanging: boolean },
): Status & { note?: string } {
  if (isChanging) return { tone: 'active', text: 'being deployed' }
  const isServing = traffic === 'restored' || traffic === 'untouched'
  const doubt = mayRun ? [`${mayRun.deployment} began to deploy it, and what came of that is not known`] : []
  const notes = [...doubt, ...(drift === undefined ? [] : [drift]), ...(isServing ? [] : [trafficWords[traffic]])]
  const note = notes.length === 0 ? {} : { note: notes.join('; ') }
  if (inInventory === false) return { tone: 'waiting', text: 'not in the inventory', ...note }
  if (mayRun) return { tone: drift === undefined ? 'waiting' : 'bad', text: sayMayRun(mayRun), ...note }
  if (!runs) return { tone: 'waiting', text: 'not deployed', ...note }
  if (drift !== undefined) return { tone: 'bad', text: 'drifted', ...note }
  if (isServing && runs.isVersionProven === false) return { tone: 'waiting', text: 'version not proven' }
  return isServing ? { tone: 'good', text: 'as expected' } : { tone: 'waiting', text: 'not in service', ...note }
}
