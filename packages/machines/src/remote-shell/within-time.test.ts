import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { TimeUp, untilAborted, withinTime } from './within-time.ts'

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

describe('untilAborted', () => {
  test('gives what the promise gives', async () => {
    expect(await untilAborted(Promise.resolve(7))).toBe(7)
    expect(await untilAborted(Promise.resolve(7), new AbortController().signal)).toBe(7)
  })

  test('leaves the promise to others when the signal is aborted', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const controller = new AbortController()
    const waiting = untilAborted(promise, controller.signal)

    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    resolve(7)

    await expect(untilAborted(promise, controller.signal)).rejects.toThrow('enough')
    expect(await promise).toBe(7)
  })
})
