import { ApiError } from '@vesemir/contract'
import { setTimeout } from 'node:timers/promises'

const restMs = 200
const longestMs = 60_000

/** Tries a call again while what it needs is away, as people and programs do. Rejects with its error when that takes a minute. */
export async function persist<Result>(call: () => Promise<Result>): Promise<Result> {
  const deadlineMs = performance.now() + longestMs
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ApiError && error.isPassing) || performance.now() > deadlineMs) throw error
      await setTimeout(restMs)
    }
  }
}
