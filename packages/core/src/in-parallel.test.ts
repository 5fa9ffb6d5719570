import { once } from 'node:events'
import { expect, test } from 'vitest'
import { inParallel } from './in-parallel.ts'

test('returns what each task comes to, in order', async () => {
  expect(
    await inParallel(
      async () => 1,
      () => 'two',
    ),
  ).toEqual([1, 'two'])
})

test('a task that throws at once orphans no promise that was started before it', async () => {
  const orphaned = once(process, 'unhandledRejection', { signal: AbortSignal.timeout(20) })
  const slow = Promise.withResolvers<never>()
  const failing = inParallel(
    () => slow.promise,
    () => {
      throw new Error('at once')
    },
  )

  await expect(failing).rejects.toThrow('at once')
  slow.reject(new Error('later'))
  await expect(orphaned).rejects.toMatchObject({ name: 'AbortError' })
})
