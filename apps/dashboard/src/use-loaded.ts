import { ApiError } from '@vesemir/contract'
import { useCallback, useEffect, useEffectEvent, useState } from 'react'

export interface Loaded<Value> {
  /** The last value loaded; kept while the API is away. */
  value: Value | undefined
  error: ApiError | undefined
  reload: () => void
}

type Outcome<Value> = { value: Value; error?: undefined } | { error: ApiError }

/**
 * Loads a value when `key` changes, and again every `everyMs` while the page is visible. An answer to an earlier key is
 * dropped.
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  { key, everyMs }: { key: string; everyMs?: number },
): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError | undefined }>({ key })
  const [round, setRound] = useState(0)
  const run = useEffectEvent(async (signal: AbortSignal) => {
    const outcome = await settle(load, signal)
    if (outcome) setState((before) => ({ ...(before.key === key ? before : {}), error: undefined, ...outcome, key }))
  })
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const runInSight = () => void (document.visibilityState === 'visible' && run(signal))
    void run(signal)
    if (everyMs === undefined) return () => controller.abort()
    const timer = setInterval(runInSight, everyMs)
    document.addEventListener('visibilitychange', runInSight, { signal })
    return () => {
      clearInterval(timer)
      controller.abort()
    }
  }, [key, everyMs, round])
  const reload = useCallback(() => setRound((number) => number + 1), [])
  const { value, error } = state.key === key ? state : {}
  return { value, error, reload }
}

/** Returns nothing once the signal is aborted. */
async function settle<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  signal: AbortSignal,
): Promise<Outcome<Value> | undefined> {
  try {
    const value = await load(signal)
    return signal.aborted ? undefined : { value }
  } catch (error) {
    if (signal.aborted) return undefined
    if (error instanceof ApiError) return { error }
    throw error
  }
}
