import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { orAborted } from './or-aborted.ts'

test('returns what the promise does, and leaves no listener', async () => {
  const { signal } = new AbortController()

  expect(await orAborted(Promise.resolve(7), undefined)).toBe(7)
  expect(await orAborted(Promise.resolve(7), signal)).toBe(7)
  await expect(orAborted(Promise.reject(new Error('lost')), signal)).rejects.toThrow('lost')

  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('leaves the promise to others when the signal is aborted', async () => {
  const { promise, resolve } = Promise.withResolvers<number>()
  const controller = new AbortController()
  const waiting = orAborted(promise, controller.signal)

  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  resolve(7)

  expect(await promise).toBe(7)
})

test('rejects for a signal that was aborted before, even when the promise is settled', async () => {
  await expect(orAborted(Promise.resolve(7), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})

test('looks after a promise that fails later, though the signal was aborted before', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  const { promise, reject } = Promise.withResolvers<never>()

  await expect(orAborted(promise, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  reject(new Error('lost'))
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)

  expect(unhandled).toEqual([])
})
