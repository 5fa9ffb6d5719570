import type { Deployment, OverviewPlace } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { newDeployment } from '@vesemir/core'
import { expect, it, test } from 'vitest'
import { describeBadge } from './badge.ts'

const at = '2026-03-01T10:00:00.000Z'
const usual: OverviewPlace = {
  application: 'payments',
  environment: 'production',
  version: '1.4.2',
  versions: [],
  drifted: [],
  outOfRotation: [],
  ongoing: [],
  promotions: [],
}
const lock = { application: 'payments', environment: 'production', reason: 'a secret sale', by: 'ada', at }

function aDeployment(changes: Partial<Deployment>): Deployment {
  const spec = aSpec({ version: '1.4.3' })
  return { ...newDeployment({ type: 'deployment.queued', id: 'd-2', spec, requestedBy: 'ada' }, at), ...changes }
}

const failure = { code: 'INTERNAL', message: 'seeded' }
const until = at

test.each<[string, Partial<Deployment>, string]>([
  ['queued', {}, '1.4.3 queued'],
  ['running', { state: { status: 'running', startedAt: at } as never }, 'deploying 1.4.3'],
  ['going back', { state: { status: 'running', startedAt: at } as never, intent: 'rollback' }, '1.4.3 rolling back'],
  ['paused', { state: { status: 'paused', since: at, by: 'ada' } }, '1.4.3 paused'],
  [
    'at a gate',
    { state: { status: 'gated', since: at, gate: { kind: 'approval', afterWave: 1, until } } },
    '1.4.3 needs approval',
  ],
  ['failed', { state: { status: 'failed', endedAt: at, failure } }, '1.4.3 failed'],
])('shows a deployment that is %s beside the version that runs', (_, changes, note) => {
  const { label, message } = describeBadge(usual, aDeployment(changes))

  expect(label).toBe('payments production')
  expect(message).toBe(`1.4.2 · ${note}`)
})

it('shows the version alone where all is as usual', () => {
  const succeeded = aDeployment({ state: { status: 'succeeded', endedAt: at } })

  expect(describeBadge(usual, succeeded)).toMatchObject({ message: '1.4.2', tone: 'good' })
})

it('says that nothing was deployed', () => {
  const { version: _, ...empty } = usual

  expect(describeBadge(empty, undefined)).toMatchObject({ message: 'not deployed', tone: 'idle' })
})

it('says that an environment is locked, not why, and how many hosts drifted', () => {
  const { message, tone } = describeBadge({ ...usual, drifted: ['web-1', 'web-2'], lock }, undefined)

  expect(message).toBe('1.4.2 · 2 drifted · locked')
  expect(tone).toBe('bad')
})
