import { expect, it } from 'vitest'
import type { Deployment } from '@vesemir/contract'
import { isOutlived, isYoung } from './is-outlived.ts'

const now = Date.parse('2026-06-01T00:00:00.000Z')

function aDeployment(state: object): Deployment {
  return { id: 'd-1', createdAt: '2026-01-01T00:00:00.000Z', state } as Deployment
}

const endedAt = (time: string) => aDeployment({ status: 'succeeded', endedAt: time })

it.each([
  { what: 'ended long ago', deployment: endedAt('2026-01-02T00:00:00.000Z'), expected: true },
  { what: 'began long ago and ended lately', deployment: endedAt('2026-05-31T00:00:00.000Z'), expected: false },
  { what: 'began long ago and waits still', deployment: aDeployment({ status: 'queued' }), expected: false },
])('a deployment that $what is outlived: $expected', ({ deployment, expected }) => {
  expect(isOutlived(deployment, { now, keepDays: 90, needed: new Set() })).toBe(expected)
})

it('a deployment that something needs is never outlived', () => {
  const deployment = endedAt('2026-01-02T00:00:00.000Z')

  expect(isOutlived(deployment, { now, keepDays: 90, needed: new Set(['d-1']) })).toBe(false)
})

it.each([
  { what: 'ended lately', deployment: endedAt('2026-05-31T00:00:00.000Z'), needed: [], expected: true },
  { what: 'is needed', deployment: endedAt('2026-05-31T00:00:00.000Z'), needed: ['d-1'], expected: false },
  { what: 'waits still', deployment: aDeployment({ status: 'queued' }), needed: [], expected: false },
])('one that exceeds a bound and $what is outlived: $expected', ({ deployment, needed, expected }) => {
  expect(isOutlived(deployment, { now, keepDays: 90, needed: new Set(needed), isExcess: true })).toBe(expected)
})

it('a deployment is young until its beginning is past the time to keep', () => {
  const deployment = endedAt('2026-01-02T00:00:00.000Z')

  expect([150, 152].map((keepDays) => isYoung(deployment, { now, keepDays }))).toEqual([false, true])
})
