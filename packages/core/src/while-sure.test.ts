import { expect, test } from 'vitest'
import { VesemirError } from './errors.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { whileSure } from './while-sure.ts'

/** Runs a minute of work, with these answers to whether the claim holds; returns how long it was at work, and how it ended. */
async function work(check: (atMs: number) => Promise<void>) {
  const clock = new FakeClock()
  const elapsedMs = clock.startStopwatch()
  const { signal } = new AbortController()
  const working = whileSure({ check: () => check(elapsedMs()) }, { clock, signal }, async (signal) => {
    await clock.sleep(60_000, signal)
    return 'done'
  })
  const outcome = await clock.run(working.catch((error: unknown) => error))
  return { outcome, tookMs: elapsedMs() }
}

const never = () => new Promise<void>(() => {})

test('work goes on to its end while the claim holds', async () => {
  expect(await work(async () => {})).toMatchObject({ outcome: 'done', tookMs: 60_000 })
})

test('work stops less than 3 s after the last answer: a lock that was renewed 3 s before may run out then', async () => {
  const { outcome, tookMs } = await work((atMs) => (atMs <= 10_000 ? Promise.resolve() : never()))

  expect(outcome).toMatchObject({ code: 'LOCK_LOST' })
  expect(tookMs).toBeGreaterThan(12_000)
  expect(tookMs).toBeLessThanOrEqual(13_000)
})

test('work stops when another worker has taken over', async () => {
  const { outcome, tookMs } = await work(async (atMs) => {
    if (atMs >= 2000) throw new VesemirError('FENCE_LOST', 'another worker took over')
  })

  expect(outcome).toMatchObject({ code: 'FENCE_LOST' })
  expect(tookMs).toBe(2000)
})

test('work goes on while Redis only fails for a moment', async () => {
  const { outcome } = await work(async (atMs) => {
    if (atMs > 2000 && atMs < 4000) throw new Error('READONLY')
  })

  expect(outcome).toBe('done')
})
