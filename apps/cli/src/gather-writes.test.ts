import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gatherWrites } from './gather-writes.ts'

test('writes once what one turn gives, in its order', async () => {
  const stream = new PassThrough({ encoding: 'utf8' })
  const written: string[] = []
  stream.on('data', (text: string) => written.push(text))
  const { write, flush } = gatherWrites(stream)

  write('a')
  write('b')
  flush()
  write('c')
  write('d')
  await setImmediate()
  await setImmediate()

  expect(written).toEqual(['ab', 'cd'])
})
