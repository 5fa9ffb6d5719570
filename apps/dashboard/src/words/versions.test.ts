import { expect, test } from 'vitest'
import { done, failed, planned, queued, unhealthy, viewOf } from '../testing/story.ts'
import { versionsPerHost } from './versions.ts'

test('what runs on a host is what the last deployment that changed it has left there', () => {
  const older = viewOf(
    queued({ version: '1.0.0' }),
    planned(['web-1', 'web-2', 'web-3', 'gone']),
    ...done('web-1'),
    ...done('web-2'),
    ...done('web-3'),
    ...done('gone'),
  )
  const newer = viewOf(
    queued({ version: '2.0.0' }),
    planned(['web-1', 'web-2', 'web-3']),
    ...failed('web-1'),
    ...done('web-2'),
  )

  const versions = versionsPerHost([newer, older])

  expect(versions.map(({ host, version, isProven, traffic }) => [host, version, isProven, traffic])).toEqual([
    ['web-1', '2.0.0', false, 'drained'],
    ['web-2', '2.0.0', true, 'restored'],
    ['web-3', '1.0.0', true, 'restored'],
  ])
})

test('a host that was rolled back runs the release before', () => {
  const view = viewOf(
    queued(),
    planned(['web-1']),
    ...failed('web-1'),
    { type: 'hosts.requeued', hosts: ['web-1'], intent: 'rollback', by: 'ada' },
    { type: 'host.ended', host: 'web-1', outcome: 'rolled-back', traffic: 'restored', failure: unhealthy },
  )

  expect(versionsPerHost([view])).toMatchObject([{ version: '1.9.0-77aa', isProven: true }])
})
