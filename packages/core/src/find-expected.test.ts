import type { Deployment } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { newDeployment } from './apply-event.ts'
import { expectedRelease, refuseOutdated } from './find-expected.ts'
import { queued } from './testing/story.ts'

const place = { application: 'payments', environment: 'production' }
const wanted = { deployment: 'd-5', release: '1.4.2-9f86d081', version: '1.4.2' }
const at = '2026-03-01T15:04:00.000Z'
const failure = { code: 'COMMAND_FAILED', message: 'web-1', hint: 'Read its log.' }

function aDeployment(version: string, state: Deployment['state']): Deployment {
  return { ...newDeployment(queued({ version }), at), state }
}

const refOf = ({ id, spec }: Deployment) => ({ id, version: spec.version })

describe('what should run', () => {
  it.each<[what: string, current: Deployment]>([
    ['after a success', aDeployment('1.4.2', { status: 'succeeded', endedAt: at })],
    ['after a rollback', aDeployment('1.5.0', { status: 'rolled-back', endedAt: at })],
    ['beside a canary of another version', aDeployment('1.5.0', { status: 'succeeded', endedAt: at })],
    ['after the same version failed on a host', aDeployment('1.4.2', { status: 'failed', endedAt: at, failure })],
  ])('is the release that succeeded last, or was put back: %s', (_, current) => {
    expect(expectedRelease(place, { wanted, current: refOf(current), record: current })).toBe(wanted)
  })

  it('is the release that succeeded last where the record is gone of a deployment of its version', () => {
    const current = { id: 'd-6', version: '1.4.2' }

    expect(expectedRelease(place, { wanted, current, record: undefined })).toBe(wanted)
  })

  it('is for a person to decide where the record is gone of a deployment of another version', () => {
    const current = { id: 'd-6', version: '1.5.0' }

    expect(() => expectedRelease(place, { wanted, current, record: undefined })).toThrow(
      'the record of d-6, which deployed 1.5.0 of payments in production, is gone',
    )
  })

  it.each<[what: string, current: Deployment, message: string]>([
    ['in progress', aDeployment('1.5.0', { status: 'running', since: at }), 'd-42 is deploying 1.5.0'],
    [
      'failed',
      aDeployment('1.5.0', { status: 'failed', endedAt: at, failure }),
      '1.5.0 of payments in production, has failed',
    ],
    ['cancelled', aDeployment('1.5.0', { status: 'cancelled', endedAt: at, failure }), 'has been cancelled'],
  ])('is for a person to decide while a deployment of another version is %s', (_, current, message) => {
    expect(() => expectedRelease(place, { wanted, current: refOf(current), record: current })).toThrow(message)
  })

  it('is unknown before the first success', () => {
    expect(() => expectedRelease(place, { wanted: undefined, current: undefined, record: undefined })).toThrow(
      'no deployment of payments in production has succeeded yet',
    )
  })
})

it('refuses a version that is another release by now: it would be behind on all other hosts', () => {
  const spec = aSpec({ version: '1.4.2' })

  expect(() => refuseOutdated(spec, { expected: wanted, release: '1.4.2-77aa77aa' })).toThrow(
    '1.4.2 of payments is 1.4.2-77aa77aa now, and 1.4.2-9f86d081 since d-5',
  )
  const variables = { added: ['PROXY'], changed: ['LEVEL'], removed: [] }
  expect(() => refuseOutdated(spec, { expected: wanted, release: '1.4.2-77aa77aa', variables })).toThrow(
    'since d-5: the variables LEVEL, PROXY changed',
  )
})
