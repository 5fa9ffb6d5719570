import { ApiError } from '@vesemir/contract'
import { useState } from 'react'

interface Changing {
  /** Waits for a request that changes something, then loads again what the page shows. */
  change: (request: Promise<unknown>) => void
  /** Why the API refused the last one. */
  problem: ApiError | undefined
}

/** Keeps why the API refused what a person asked for, until they ask for something else. */
export function useChange(reload: () => void): Changing {
  const [problem, setProblem] = useState<ApiError>()
  const settle = async (request: Promise<unknown>) => {
    setProblem(undefined)
    try {
      await request
      reload()
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setProblem(failure)
    }
  }
  return { change: (request) => void settle(request), problem }
}
