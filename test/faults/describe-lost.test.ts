import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { describeLost } from './describe-lost.ts'

const at = (ms: number) => new Date(Date.parse('2026-01-02T03:04:05Z') + ms)

test('says which steps hosts were in while a request lasted that failed', () => {
  const events = [
    { type: 'step.started', host: 'web-1', step: 'drain', at: at(0).toISOString() },
    { type: 'step.started', host: 'web-2', step: 'restart', at: at(50).toISOString() },
    { type: 'step.started', host: 'web-1', step: 'deploy', at: at(100).toISOString() },
    { type: 'host.ended', host: 'web-2', at: at(200).toISOString() },
  ] as unknown as DeploymentEvent[]
  const view = { deployment: { id: 'd-1' } } as DeploymentView

  const lost = describeLost({ failure: 'status 502', sentAt: at(110), durationMs: 60 }, [{ view, events }])

  expect(lost).toBe(
    'status 502, sent at 2026-01-02T03:04:05.110Z, for 60 ms; then: d-1 web-2 in restart, d-1 web-1 in deploy',
  )
})
