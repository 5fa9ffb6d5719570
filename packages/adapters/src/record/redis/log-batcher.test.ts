import type { LogLine } from '@vesemir/contract'
import { expect, it } from 'vitest'
import { createLogBatcher } from './log-batcher.ts'

const line = (number: number): LogLine => ({ stream: 'stdout', text: String(number) })

function aRecordThatHangs() {
  const kept: LogLine[] = []
  const answering = Promise.withResolvers<void>()
  const batcher = createLogBatcher(async ({ lines }) => {
    await answering.promise
    kept.push(...lines)
  })
  return { batcher, kept, answer: answering.resolve, refuse: answering.reject }
}

/** Adds lines until the batcher asks to be waited for; gives their number and what is to be waited for. */
function addUntilAsked(batcher: ReturnType<typeof createLogBatcher>): { count: number; asked: Promise<void> } {
  for (let count = 1; count <= 100_000; count += 1) {
    const asked = batcher.add('deploy', line(count))
    if (asked) return { count, asked }
  }
  throw new Error('it never asked to be waited for')
}

it('asks whoever reads a command to wait while the record does not keep up, and loses nothing', async () => {
  const { batcher, kept, answer } = aRecordThatHangs()
  const { count, asked } = addUntilAsked(batcher)

  answer()
  await asked
  await batcher.flush()

  expect(kept).toEqual(Array.from({ length: count }, (_, index) => line(index + 1)))
  expect(batcher.add('deploy', line(count + 1))).toBeUndefined()
})

it('lets nobody wait for a record that has refused a batch, and tells so when flushed', async () => {
  const { batcher, refuse } = aRecordThatHangs()
  const { asked } = addUntilAsked(batcher)

  refuse(new Error('fence lost'))
  await asked

  expect(batcher.add('deploy', line(0))).toBeUndefined()
  await expect(batcher.flush()).rejects.toThrow('fence lost')
})
