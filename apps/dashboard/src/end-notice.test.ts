import { done, failed, planned, queued, viewOf } from '@vesemir/core/testing'
import { expect, test } from 'vitest'
import { describeEnd } from './end-notice.ts'

test('a notification says what ended where, and how its hosts are', () => {
  const view = viewOf(queued(), planned(['web-1', 'web-2']), ...done('web-2'), ...failed('web-1'), {
    type: 'deployment.ended',
    outcome: 'failed',
    failure: { code: 'HOSTS_FAILED', message: 'hosts: 1 failed' },
  })

  const { title, body } = describeEnd(view, Date.parse(view.deployment.createdAt))

  expect(title).toBe('payments 2.0.0 to production: failed')
  expect(body).toMatch(/^Ended after .*\. 2 hosts: 1 failed, 1 succeeded\.$/)
})
