import type { QueueHold } from '@vesemir/contract'
import { api } from './api.ts'
import { useLoaded } from './use-loaded.ts'

const restMs = 5000

/** Returns what keeps jobs of the clusters waiting, and looks again every 5 s while there is somebody to tell. */
export function useHolds(isWanted: boolean): readonly QueueHold[] {
  const load = async (signal: AbortSignal) => (isWanted ? await api.listWorkers({ signal }) : { holds: [] })
  const { value } = useLoaded(load, { key: String(isWanted), ...(isWanted ? { restMs } : {}) })
  return value?.holds ?? []
}
