import { expect, test } from 'vitest'
import { isFromReplica, reportConnectionErrors } from './connection-errors.ts'

test('reports each wording once in five seconds, however many connections break', () => {
  let nowMs = 0
  const startStopwatch = () => {
    const startedMs = nowMs
    return () => nowMs - startedMs
  }
  const lines: string[] = []
  const report = reportConnectionErrors(({ message }) => lines.push(`${nowMs} ${message}`), {
    clock: { startStopwatch },
  })

  for (nowMs = 0; nowMs < 12_000; nowMs += 100)
    for (let i = 0; i < 30; i += 1) report(new Error(`ECONNREFUSED 127.0.0.1:${i}`))
  report(new Error('NOAUTH'))

  expect(lines).toEqual([
    '0 ECONNREFUSED 127.0.0.1:0',
    '5000 ECONNREFUSED 127.0.0.1:0',
    '10000 ECONNREFUSED 127.0.0.1:0',
    '12000 NOAUTH',
  ])
})

test('knows a Redis that has become a replica from others that refuse', () => {
  const refusals = ["READONLY You can't write against a read only replica.", 'OOM command not allowed'].map(
    (text) => new Error(text),
  )

  expect(refusals.map(isFromReplica)).toEqual([true, false])
})
