import { ApiError } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { createScreen } from '../render/screen.ts'
import { aSession } from '../testing/a-session.ts'
import { watch } from './watch.ts'

const away = new ApiError({ type: 'about:blank', title: '', status: 503, detail: 'no answer', code: 'API_UNREACHABLE' })

test('in a pipe shows what has changed, and tells once that the API is away', async () => {
  const { session, output } = aSession('http://api.example')

  const exit = await watch(session, watched([1, 1, away, away, 2]))

  expect(output).toEqual({
    stdout: 'number 1\n\nnumber 2\n',
    stderr: 'connection lost, reconnecting: no answer\n',
  })
  expect(exit).toBe(42)
})

test('writes a line of JSON for each change', async () => {
  const { session, output } = aSession('http://api.example', { json: true })

  await watch(session, watched([1, 1, 2]))

  expect(output.stdout).toBe('1\n2\n')
})

test('on a terminal draws in place, with what it waits for, and no more lines than there is room for', async () => {
  const writes: string[] = []
  const terminal = { columns: 80, rows: 3, write: (text: string) => writes.push(text) }
  const { session } = aSession('http://api.example', { terminal })

  await watch(session, { ...watched([1, away, 2]), toLines: (value) => [[`number ${value}`], ['b'], ['c']] })

  const expected: string[] = []
  const screen = createScreen({ ...terminal, write: (text: string) => expected.push(text) })
  const lost = [{ text: 'connection lost', tone: 'waiting' as const }, ', reconnecting: no answer']
  for (const region of [
    [['number 1'], ['b']],
    [['number 1'], lost],
    [['number 2'], ['b']],
  ])
    screen.show({ story: [], region, columns: 80 })
  expect(writes).toEqual(expected)
})

test('fails at once when there is nothing to watch', async () => {
  const { session } = aSession('http://api.example')

  await expect(watch(session, watched([away, 1]))).rejects.toBe(away)
})

function watched(values: (number | ApiError)[]) {
  return {
    read: async () => {
      const value = values.shift()!
      if (value instanceof ApiError) throw value
      return value
    },
    toLines: (value: number) => [[`number ${value}`]],
    exitOf: (value: number) => (value === 2 ? 42 : undefined),
    intervalMs: 1,
  }
}
