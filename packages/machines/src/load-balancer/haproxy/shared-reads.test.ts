import { expect, test } from 'vitest'
import { SharedReads } from './shared-reads.ts'

test('puts together what is asked while another batch is on its way', async () => {
  const batches: (readonly string[])[] = []
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const { promise: asked, resolve: noteAsked } = Promise.withResolvers<void>()
  const reads = new SharedReads(async (commands) => {
    batches.push(commands)
    noteAsked()
    await answered
    return commands.map((command) => `${command} ${batches.length}`)
  })

  const first = reads.ask(['a'])
  await asked
  const others = [reads.ask(['a', 'b']), reads.ask(['c', 'a'])]
  answer()

  expect(await Promise.all([first, ...others])).toEqual([['a 1'], ['a 2', 'b 2'], ['c 2', 'a 2']])
  expect(batches).toEqual([['a'], ['a', 'b', 'c']])
})

test('fails those of one batch, and not the next', async () => {
  let isBroken = true
  const reads = new SharedReads(async (commands) => {
    if (isBroken) throw new Error('broken')
    return [...commands]
  })

  const failed = [reads.ask(['a']), reads.ask(['b'])]
  await expect(Promise.all(failed)).rejects.toThrow('broken')
  isBroken = false

  expect(await reads.ask(['a'])).toEqual(['a'])
})

test('puts together what is asked in one turn of the event loop', async () => {
  const batches: (readonly string[])[] = []
  const reads = new SharedReads(async (commands) => {
    batches.push(commands)
    return [...commands]
  })

  await Promise.all([reads.ask(['a']), Promise.resolve().then(() => reads.ask(['b']))])

  expect(batches).toEqual([['a', 'b']])
})
