import { expect, test } from 'vitest'
import { SharedReads } from './shared-reads.ts'

test('puts together what is asked while another batch is on its way', async () => {
  const batches: (readonly string[])[] = []
  const reads = new SharedReads(async (commands) => {
    batches.push(commands)
    await new Promise(setImmediate)
    return commands.map((command) => `${command} ${batches.length}`)
  })

  const first = reads.ask(['a'])
  await Promise.resolve()
  const answers = await Promise.all([first, reads.ask(['a', 'b']), reads.ask(['c', 'a'])])

  expect(batches).toEqual([['a'], ['a', 'b', 'c']])
  expect(answers).toEqual([['a 1'], ['a 2', 'b 2'], ['c 2', 'a 2']])
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
