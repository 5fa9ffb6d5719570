import { VesemirError } from '@vesemir/core'
import { expect, test } from 'vitest'
import { readAll } from './read-all.ts'

const missing = async (file: string, turns: number) => {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  throw new VesemirError('CONFIG_INVALID', `${file} cannot be read`)
}

test('returns what was read, each with its type', async () => {
  const [key, keys] = await readAll([Promise.resolve('a key'), readAll([Promise.resolve(1), 2])])

  expect([key.length, keys]).toEqual([5, [1, 2]])
})

test('tells everything that is wrong, in the order asked and not in that of the answers', async () => {
  const reads = readAll([missing('a', 9), readAll([Promise.resolve(1), missing('b', 0), missing('c', 3)])])

  await expect(reads).rejects.toThrow(
    new VesemirError('CONFIG_INVALID', 'a cannot be read; b cannot be read; c cannot be read'),
  )
})

test('leaves a single error, and one of another kind, as it is', async () => {
  const alone = new VesemirError('CONFIG_INVALID', 'a cannot be read')
  const bug = new TypeError('not a function')

  await expect(readAll([1, Promise.reject(alone)])).rejects.toBe(alone)
  await expect(readAll([Promise.reject(alone), Promise.reject(bug)])).rejects.toBe(bug)
})
