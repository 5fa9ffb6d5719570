import { expect, test } from 'vitest'
import { describeStall } from './stall.ts'

const overdue = (host: string) => ({ host, step: 'verify' as const, spentMs: 552_000, usualMs: 20_000 })
const hold = { cluster: 'eu', reason: 'no worker of cluster eu' }

test('says for how long nothing has happened, and why as far as that is known', () => {
  expect(describeStall({ quietMs: 552_000, overdue: [] }, [hold])).toEqual([
    'nothing for 9m 12s; no worker of cluster eu',
  ])
  expect(describeStall({ quietMs: 552_000, overdue: [] })).toEqual(['nothing for 9m 12s'])
})

test('says why jobs wait before that takes long, and nothing where all is well', () => {
  expect(describeStall(undefined, [hold])).toEqual(['no worker of cluster eu'])
  expect(describeStall(undefined)).toEqual([])
})

test('names the steps that are overdue with their usual time, the first three', () => {
  expect(describeStall({ overdue: ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'].map(overdue) })).toEqual([
    'overdue: web-1 in verify for 9m 12s (usually 20s), web-2 in verify for 9m 12s (usually 20s), ' +
      'web-3 in verify for 9m 12s (usually 20s) and 2 more',
  ])
})
