import { noHosts } from '@vesemir/core'
import { expect, test } from 'vitest'
import { describeProgress } from './progress.ts'

test('a host that has failed is not counted as done', () => {
  expect(describeProgress({ ...noHosts, succeeded: 1, failed: 1, unreachable: 1, pending: 3 }, 6)).toBe(
    '1 of 6 done, 2 failed',
  )
})

test('hosts that were rolled back are counted as that', () => {
  expect(describeProgress({ ...noHosts, 'rolled-back': 2 }, 2)).toBe('0 of 2 done, 2 rolled back')
})
