import { expect, test } from 'vitest'
import { poll } from './poll.ts'
import { FakeClock } from './testing/fake-clock.ts'

/** Polls until a moment, and returns when it looked. */
async function looksUntil(endMs: number, { clock, growth }: { clock: FakeClock; growth: number }): Promise<number[]> {
  const looksAtMs: number[] = []
  const look = async () => {
    looksAtMs.push(clock.elapsedMs)
    return clock.elapsedMs >= endMs ? true : undefined
  }
  const { signal } = new AbortController()
  await poll(look, { clock, timeoutMs: 60_000, signal, firstIntervalMs: 50, growth, beatMs: 50 })
  return looksAtMs
}

test('who looks by the same beat looks at the same moments, whenever each has begun', async () => {
  const clock = new FakeClock()
  const first = looksUntil(200, { clock, growth: 1.02 })
  const second = clock.sleep(70).then(() => looksUntil(200, { clock, growth: 1.02 }))

  expect(await clock.run(Promise.all([first, second]))).toEqual([
    [0, 50, 100, 150, 200],
    [70, 100, 150, 200],
  ])
})

test('looks that grow apart keep to the beat', async () => {
  const clock = new FakeClock()

  expect(await clock.run(looksUntil(1000, { clock, growth: 2 }))).toEqual([0, 50, 150, 350, 750, 1250])
})
