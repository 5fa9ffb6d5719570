import { deadlineIn, VesemirError, type Clock, type Deadline } from '@vesemir/core'

/** So many wrong tokens from one address within a window, and no more are tried from there until it is over. */
const allowedFailures = 10
const windowMs = 60_000
/** Nobody's memory of failures grows past this: the addresses that failed first are forgotten first. */
const rememberedAddresses = 10_000

export interface SignInLimit {
  /** @throws {VesemirError} `SIGN_IN_LIMITED` when too many tokens from this address were wrong lately */
  admit(address: string): void
  /** Notes that a token was wrong. */
  fail(address: string): void
}

/** Limits how often tokens can be guessed; who has a right one may sign in as often as they like. */
export function createSignInLimit(clock: Pick<Clock, 'startStopwatch'>): SignInLimit {
  const failures = new Map<string, { count: number; windowEnd: Deadline }>()
  const recent = (address: string) => {
    const known = failures.get(address)
    return known && known.windowEnd.leftMs() > 0 ? known : undefined
  }
  return {
    admit(address) {
      const known = recent(address)
      if (!known || known.count < allowedFailures) return
      const retryAfterSeconds = Math.ceil(known.windowEnd.leftMs() / 1000)
      const message = `${allowedFailures} wrong tokens came from ${address} within a minute: none is tried for ${retryAfterSeconds} s`
      throw new VesemirError('SIGN_IN_LIMITED', message, { details: { retryAfterSeconds } })
    },
    fail(address) {
      const known = recent(address) ?? { count: 0, windowEnd: deadlineIn(clock, windowMs) }
      failures.delete(address)
      failures.set(address, { ...known, count: known.count + 1 })
      if (failures.size > rememberedAddresses) failures.delete(failures.keys().next().value!)
    },
  }
}
