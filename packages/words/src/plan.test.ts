import { expect, test } from 'vitest'
import { describeChange } from './plan.ts'

const on = (version: string, hosts: number) => ({ version, hosts })

test.each([
  [[], '1.5.0', undefined],
  [[on('1.4.1', 18), on('1.4.0', 1)], '1.5.0', '1.4.1 on 18 hosts, 1.4.0 on 1 host → 1.5.0'],
  [[on('1.5.0', 20)], '1.5.0', '20 hosts already run 1.5.0'],
  [[on('1.4.1', 19), on('1.5.0', 1)], '1.5.0', '1.4.1 on 19 hosts → 1.5.0; 1 host already runs 1.5.0'],
  [[on('1.10.0', 3)], '1.9.0', '1.10.0 on 3 hosts → 1.9.0, a lower version'],
  [[on('v1.9', 3)], 'v1.9.1', 'v1.9 on 3 hosts → v1.9.1'],
  [[on('v1.9.1', 3)], 'v1.9', 'v1.9.1 on 3 hosts → v1.9, a lower version'],
  [[on('main-77', 3)], 'main-8', 'main-77 on 3 hosts → main-8'],
])('of %j, deploying %s becomes: %s', (running, version, words) => {
  expect(describeChange(running, version)).toBe(words)
})
