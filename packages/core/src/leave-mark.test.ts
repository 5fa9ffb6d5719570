import type { HostRecord } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { isSettled } from './leave-mark.ts'
import type { Mark } from './ports/marks.ts'

const createdAt = '2026-03-01T15:04:05.000Z'
const endedAt = createdAt
const mark: Mark = {
  epoch: 'a1',
  deploymentId: 'd-7',
  createdAt,
  host: 'web-1',
  attempt: 2,
  step: 'drain',
  servers: [],
}
const failure = { code: 'HEALTH_CHECK_FAILED', message: 'web-1 does not answer' }
const failed = { status: 'failed', endedAt, traffic: 'drained', failure } as const
const running = { status: 'running', step: 'restart', since: createdAt } as const

/** A record that has the deployment with its host; none where Redis has forgotten it. */
function aRecord(host: Pick<HostRecord, 'attempt' | 'state'> | undefined, deployment: object = { createdAt }) {
  return { read: async () => host && deployment, readHost: async () => host } as unknown as Parameters<
    typeof isSettled
  >[1]
}

test.each([
  [
    'its walk has put all back',
    aRecord({ attempt: 2, state: { status: 'succeeded', endedAt, traffic: 'restored' } }),
    true,
  ],
  // The journal had its servers when it ended: one that it no longer has was put back since, and drained by a person.
  ['its walk has left the host out of rotation', aRecord({ attempt: 2, state: failed }), true],
  ['the host is walked again', aRecord({ attempt: 3, state: running }), true],
  ['its walk has not ended', aRecord({ attempt: 2, state: running }), false],
  ['Redis has forgotten that walk', aRecord({ attempt: 1, state: failed }), false],
  ['Redis has forgotten the deployment', aRecord(undefined), false],
  [
    'another deployment has its id',
    aRecord({ attempt: 2, state: failed }, { createdAt: '2026-03-02T15:04:05.000Z' }),
    false,
  ],
])('where %s, whether the record decides over a mark', async (_, record, isDecided) => {
  expect(await isSettled(mark, record)).toBe(isDecided)
})
