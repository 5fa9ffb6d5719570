import type { ApplicationHost } from '@vesemir/contract'
import { trafficWords, type Shown } from './status.ts'

/**
 * Says how a host stands with what it runs, and in a sentence what is not as it should be. While the deployment that last
 * changed it goes on (`isChanging`), what it should run is not decided.
 */
export function showRelease(
  { drift, traffic, isVersionProven }: Pick<ApplicationHost, 'drift' | 'traffic' | 'isVersionProven'>,
  { isChanging }: { isChanging: boolean },
): Shown & { note?: string } {
  if (isChanging) return { tone: 'active', label: 'Being deployed' }
  const isServing = traffic === 'restored' || traffic === 'untouched'
  const notes = [...(drift === undefined ? [] : [drift]), ...(isServing ? [] : [trafficWords[traffic]])]
  const note = notes.length === 0 ? {} : { note: notes.join('; ') }
  if (drift !== undefined) return { tone: 'bad', label: 'Drifted', ...note }
  if (isServing && isVersionProven === false) return { tone: 'waiting', label: 'Version not proven' }
  return isServing ? { tone: 'good', label: 'As it should be' } : { tone: 'waiting', label: 'Not in service', ...note }
}
