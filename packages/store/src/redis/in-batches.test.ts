import { expect, test } from 'vitest'
import { inBatches } from './in-batches.ts'

/** Batches that are answered when the test says so. */
function answeredLater() {
  const sent: { items: readonly number[]; answer: PromiseWithResolvers<readonly number[]> }[] = []
  const add = inBatches((items: readonly number[]) => {
    const answer = Promise.withResolvers<readonly number[]>()
    sent.push({ items, answer })
    return answer.promise
  })
  return { sent, add }
}

test('what comes while a batch is on its way goes in the next, and each has its own answer', async () => {
  const { sent, add } = answeredLater()

  const answers = [1, 2, 3].map(add)
  expect(sent.map(({ items }) => items)).toEqual([[1]])
  sent[0]!.answer.resolve([10])
  expect(await answers[0]).toBe(10)
  expect(sent.map(({ items }) => items)).toEqual([[1], [2, 3]])
  sent[1]!.answer.resolve([20, 30])

  expect(await Promise.all(answers)).toEqual([10, 20, 30])
})

test('a batch that fails does so for all of it, and the next one is sent', async () => {
  const { sent, add } = answeredLater()
  const [first, ...others] = [1, 2, 3].map(add)

  sent[0]!.answer.reject(new Error('Redis is away'))
  await expect(first).rejects.toThrow('Redis is away')
  sent[1]!.answer.resolve([20, 30])

  expect(await Promise.all(others)).toEqual([20, 30])
})

test('many go in several batches', async () => {
  const sizes: number[] = []
  const add = inBatches(async (items: readonly number[]) => {
    sizes.push(items.length)
    return items
  })

  await Promise.all(Array.from({ length: 600 }, (_, item) => add(item)))

  expect(sizes).toEqual([1, 256, 256, 87])
})
