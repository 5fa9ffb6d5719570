import type { Deployment, HostReason } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { applyEvent, findMissed } from '@vesemir/core'
import { expect, test } from 'vitest'
import { asRow } from './as-row.ts'

const at = '2026-03-01T15:04:05.000Z'

function aDeployment(leftOut: HostReason[]): Deployment {
  const queued = { seq: 1, at, type: 'deployment.queued', id: 'd-1', requestedBy: 'ada', spec: aSpec() } as const
  const ended = { seq: 2, at, type: 'deployment.ended', outcome: 'succeeded', leftOut } as const
  return applyEvent(applyEvent(undefined, queued), ended).deployment
}

const own = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ host: `web-${index}`, why: 'should run 1.5.0' }))

test('a row names few of the hosts that were left out, those first that may lack the version, and counts the others', () => {
  const failed = { host: 'web-99', why: 'failed in d-5: vesemir retry d-5', failedIn: 'd-5' }

  const row = asRow(aDeployment([...own(12), failed]))

  expect(row.leftOut).toEqual([failed, ...own(9)])
  expect(row.moreLeftOut).toBe(3)
  expect(findMissed(row)).toEqual([failed])
})

test('a row names all that were left out where they are few', () => {
  const deployment = aDeployment(own(10))

  expect(asRow(deployment)).toEqual(deployment)
})
