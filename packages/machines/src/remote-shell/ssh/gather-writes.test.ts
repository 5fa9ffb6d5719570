import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { gatherWrites } from './gather-writes.ts'

test('has what one turn of the event loop writes go out at once, and what the next one writes after it', async () => {
  const sent: string[] = []
  const stream = gatherWrites(
    new Duplex({
      read() {},
      writev(chunks, done) {
        sent.push(chunks.map(({ chunk }) => String(chunk)).join(''))
        done()
      },
    }),
  )

  stream.write('a')
  await Promise.resolve()
  stream.write('b')
  process.nextTick(() => stream.write('c'))
  await new Promise(setImmediate)
  stream.write('d')
  await new Promise(setImmediate)

  expect(sent).toEqual(['abc', 'd'])
})
