import type { DeploymentEvent } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { applyEvent } from './apply-event.ts'

const at = '2026-03-01T15:04:05.000Z'

test('passes over an event of a type that only a newer API knows', () => {
  const before = applyEvent(undefined, { seq: 1, at, type: 'deployment.queued', id: 'd-1', requestedBy: 'ada', spec })

  const after = applyEvent(before, { seq: 2, at, type: 'host.moved', host: 'web-1' } as unknown as DeploymentEvent)

  expect(after).toEqual({ ...before, cursor: 2 })
})

const spec = aSpec({
  team: 'shop',
  cluster: 'gcp-eu',
  changeset: { strategy: 'command', commands: ['true'], timeout: '1m' },
  service: { restart: 'true', timeout: '1m' },
  healthCheck: { kind: 'tcp', port: 80, interval: '1s', timeout: '1s', deadline: '9s', successes: 1 },
})
