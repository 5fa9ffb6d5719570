import type { LogLine } from '@vesemir/contract'
import { expect, it } from 'vitest'
import { createLogBatcher } from './log-batcher.ts'

/** More than may wait for a record that does not answer. */
const tooMany = 70_000

function aRecordThatHangs() {
  const kept: { step: string; lines: readonly LogLine[] }[] = []
  const answering = Promise.withResolvers<void>()
  const batcher = createLogBatcher(async (batch) => {
    await answering.promise
    kept.push(batch)
  })
  const say = (step: 'deploy' | 'restart', count: number) => {
    for (let number = 0; number < count; number += 1) batcher.add(step, { stream: 'stdout', text: String(number) })
  }
  const linesOf = (step: string) => kept.filter((batch) => batch.step === step).flatMap(({ lines }) => lines)
  return { batcher, say, linesOf, answer: answering.resolve }
}

const leftOut = /^\((\d+) lines are left out here/

it('says at the end of a step how many of its lines are left out, whatever comes next', async () => {
  const { batcher, say, linesOf, answer } = aRecordThatHangs()
  say('deploy', tooMany)
  say('restart', 10)

  answer()
  await batcher.flush()

  const lines = linesOf('deploy')
  const [, missing] = leftOut.exec(lines.at(-1)!.text) ?? []
  expect(lines.length - 1 + Number(missing)).toBe(tooMany)
  expect(linesOf('restart')).toEqual([{ stream: 'stderr', text: expect.stringContaining('10 lines are left out') }])
})

it('says so where the lines are missing when the record answers again', async () => {
  const { batcher, say, linesOf, answer } = aRecordThatHangs()
  say('deploy', tooMany)
  answer()
  await batcher.flush()

  say('deploy', 2)
  await batcher.flush()

  const texts = linesOf('deploy').map(({ text }) => text)
  expect(texts.findIndex((text) => leftOut.test(text))).toBe(texts.length - 3)
  expect(texts.slice(-2)).toEqual(['0', '1'])
})
