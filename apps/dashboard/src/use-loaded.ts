import { ApiError } from '@vesemir/contract'
import { useCallback, useEffect, useEffectEvent, useState } from 'react'

export interface Loaded<Value> {
  /** The last value loaded; kept while the API is away. */
  value: Value | undefined
  error: ApiError | undefined
  reload: () => void
}

/** `last` is what was loaded before for the same key: the API may wait for another answer. */
type Load<Value> = (signal: AbortSignal, last: object | undefined) => Promise<Value>

/** How long what the API tells of as soon as it changes is not asked for again. */
export const changesRestMs = 1000

/** The same where the API has waited in vain: an idle page asks once a minute. */
const idleRestMs = 5000

type Outcome<Value> = { value: Value; error?: undefined } | { error: ApiError }

/**
 * Loads a value when `key` changes, and again `restMs` after each answer while the page is visible. What was asked for an earlier
 * key, or by a page that is hidden by now, is given up: a browser has six connections for all of its pages.
 */
export function useLoaded<Value extends object>(
  load: Load<Value>,
  { key, restMs }: { key: string; restMs?: number },
): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: ApiError | undefined }>({ key })
  const [round, setRound] = useState(0)
  const run = useEffectEvent(async (signal: AbortSignal, last: Value | undefined) => {
    const outcome = await settle((aborted) => load(aborted, last), signal)
    if (outcome) setState((before) => ({ ...(before.key === key ? before : {}), error: undefined, ...outcome, key }))
    return outcome && 'value' in outcome ? outcome.value : undefined
  })
  useEffect(() => {
    const gone = new AbortController()
    let last: Value | undefined
    let inSight = new AbortController()
    const follow = async () => {
      const { signal } = (inSight = new AbortController())
      do {
        const loaded = await run(signal, last)
        const isSame = loaded !== undefined && loaded === last
        last = loaded ?? last
        if (restMs !== undefined) await rest(isSame ? idleRestMs : restMs, signal)
      } while (restMs !== undefined && !signal.aborted)
    }
    const changeSight = () => {
      inSight.abort()
      if (document.visibilityState === 'visible') void follow()
    }
    void follow()
    if (restMs !== undefined) document.addEventListener('visibilitychange', changeSight, { signal: gone.signal })
    return () => {
      gone.abort()
      inSight.abort()
    }
  }, [key, restMs, round])
  const reload = useCallback(() => setRound((number) => number + 1), [])
  const { value, error } = state.key === key ? state : {}
  return { value, error, reload }
}

/** Waits, or less when the signal is aborted. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const wake = () => {
    clearTimeout(timer)
    resolve()
  }
  if (signal.aborted) wake()
  signal.addEventListener('abort', wake, { once: true })
  return promise
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
