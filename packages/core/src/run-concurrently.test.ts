import { expect, test } from 'vitest'
import { runConcurrently } from './run-concurrently.ts'

const never = new AbortController().signal

/** Ends some turns after its signal is aborted, with the signal's reason. */
async function untilAborted(signal: AbortSignal, ends: string[]): Promise<void> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  ends.push('ended')
  signal.throwIfAborted()
}

test('tells a task that is disposed of to end, and waits until it has', async () => {
  const ends: string[] = []
  const { done, ...beside } = runConcurrently((signal) => untilAborted(signal, ends), never)

  await beside[Symbol.asyncDispose]()

  expect(ends).toEqual(['ended'])
  await expect(done).rejects.toThrow('it is over')
})

test('ends the task, and what goes by its failure, with the signal that it was started with', async () => {
  const reason = new Error('no longer wanted')
  const given = new AbortController()
  await using beside = runConcurrently((signal) => untilAborted(signal, []), given.signal)

  given.abort(reason)

  expect(beside.orFailed.reason).toBe(reason)
  await expect(beside.done).rejects.toBe(reason)
})

test('passes a failure on to who goes by it, also when nobody waits for the task', async () => {
  const failure = new Error('no space is left')
  await using beside = runConcurrently(() => Promise.reject(failure), never)

  await new Promise((resolve) => beside.orFailed.addEventListener('abort', resolve, { once: true }))

  expect(beside.orFailed.reason).toBe(failure)
})

test('lets those who go by its failure go on when the task has succeeded', async () => {
  const beside = runConcurrently(async () => 'brought', never)

  const result = await beside.done
  await beside[Symbol.asyncDispose]()

  expect(result).toBe('brought')
  expect(beside.orFailed.aborted).toBe(false)
})
