import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 40rem)')

/** Whether the page has little room, as on a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches)
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}
