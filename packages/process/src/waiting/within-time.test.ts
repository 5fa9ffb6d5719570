import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { TimeUp, withinTime } from './within-time.ts'

const never = () => new Promise<never>(() => {})
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

test('gives the result, and leaves neither timer nor listener', async () => {
  const { signal } = new AbortController()
  const before = timers()

  expect(await withinTime({ timeoutMs: 60_000, signal }, () => Promise.resolve('done'))).toBe('done')

  expect(timers()).toBe(before)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('gives up when the time is up, and tells the task so', async () => {
  let told: unknown

  const waiting = withinTime({ timeoutMs: 1 }, (signal) => {
    signal.addEventListener('abort', () => (told = signal.reason))
    return never()
  })

  await expect(waiting).rejects.toBeInstanceOf(TimeUp)
  expect(told).toBeInstanceOf(TimeUp)
})

test('gives up when its caller does, with its reason', async () => {
  const controller = new AbortController()
  const waiting = withinTime({ timeoutMs: 60_000, signal: controller.signal }, never)

  controller.abort(new Error('cancelled'))

  await expect(waiting).rejects.toThrow('cancelled')
  await expect(withinTime({ timeoutMs: 60_000, signal: controller.signal }, never)).rejects.toThrow('cancelled')
})
