import { expect, it } from 'vitest'
import { createSignInLimit } from './sign-in-limit.ts'

function aLimit() {
  const clock = {
    atMs: 0,
    startStopwatch() {
      const startedMs = clock.atMs
      return () => clock.atMs - startedMs
    },
  }
  const limit = createSignInLimit(clock)
  const failTimes = (address: string, times: number) => {
    for (let time = 0; time < times; time += 1) limit.fail(address)
  }
  return { clock, limit, failTimes }
}

it('tries no more tokens from an address after ten wrong ones, and says for how long', () => {
  const { clock, limit, failTimes } = aLimit()
  failTimes('10.0.0.1', 9)
  expect(() => limit.admit('10.0.0.1')).not.toThrow()

  clock.atMs = 20_000
  failTimes('10.0.0.1', 1)

  expect(() => limit.admit('10.0.0.1')).toThrow(
    expect.objectContaining({ code: 'SIGN_IN_LIMITED', details: { retryAfterSeconds: 40 } }),
  )
  expect(() => limit.admit('10.0.0.2')).not.toThrow()
})

it('tries tokens again a minute after the first wrong one', () => {
  const { clock, limit, failTimes } = aLimit()
  failTimes('10.0.0.1', 20)

  clock.atMs = 60_000

  expect(() => limit.admit('10.0.0.1')).not.toThrow()
})

it('forgets the addresses that failed first when there are too many', () => {
  const { limit, failTimes } = aLimit()
  failTimes('first', 10)

  for (let number = 0; number < 10_000; number += 1) limit.fail(`later-${number}`)

  expect(() => limit.admit('first')).not.toThrow()
})
