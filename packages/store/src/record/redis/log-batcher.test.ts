import type { LogLine } from '@vesemir/contract'
import { expect, it } from 'vitest'
import { createLogBatcher } from './log-batcher.ts'

function aRecordThatHangs() {
  const kept: { place: string; lines: readonly LogLine[] }[] = []
  const answering = Promise.withResolvers<void>()
  const batcher = createLogBatcher(async (batch) => {
    await answering.promise
    kept.push(batch)
  })
  const say = (text: string) => batcher.add('deploy', { stream: 'stdout', text })
  const texts = () => kept.flatMap(({ lines }) => lines).map(({ text }) => text)
  return { batcher, say, texts, answering }
}

it('asks whoever reads to wait while the record does not keep up, and loses nothing', async () => {
  const { batcher, say, texts, answering } = aRecordThatHangs()
  const said: string[] = []
  let wait: Promise<void> | undefined
  while (!wait && said.length < 100_000) {
    said.push(`line ${said.length}`)
    wait = say(said.at(-1)!)
  }

  answering.resolve()
  await wait
  await batcher.flush()

  expect(said.length).toBeLessThan(100_000)
  expect(texts()).toEqual(said)
})

it('lets nobody wait for a record that has failed', async () => {
  const { batcher, say, answering } = aRecordThatHangs()
  let wait: Promise<void> | undefined
  while (!wait) wait = say('a line')

  answering.reject(new Error('the record is gone'))

  await wait
  await expect(batcher.flush()).rejects.toThrow('the record is gone')
  expect(say('a line more')).toBeUndefined()
})
