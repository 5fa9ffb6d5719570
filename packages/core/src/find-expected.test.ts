import type { Deployment } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { newDeployment } from './apply-event.ts'
import { expectedRelease, readExpected, refuseOutdated } from './find-expected.ts'
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

describe('what Redis says should run', () => {
  const succeeded = { status: 'succeeded', endedAt: at } as const
  const aRecord = (id: string, changes: object = {}, supersededBy?: string) => {
    const { spec, state = succeeded, plan = { release: { id: wanted.release } } } = changes as Partial<Deployment>
    const made = { ...newDeployment(queued({ version: '1.4.2', ...spec }), at), id, state, plan } as Deployment
    return supersededBy === undefined ? made : { ...made, supersededBy: { id: supersededBy, version: 'any' } }
  }
  const later = (changes: object) => [aRecord('d-5', {}, 'd-6'), aRecord('d-6', changes)]
  const afterwards = (count: number) => [
    aRecord('d-5', {}, 'd-6'),
    ...Array.from({ length: count }, (_, index) =>
      aRecord(`d-${index + 6}`, { spec: { partial: true } }, index + 1 < count ? `d-${index + 7}` : undefined),
    ),
  ]
  /** A deployment of what should run to a machine that had booted. */
  const converged = (id: string, supersededBy?: string, changes: Partial<Deployment> = {}) => {
    const converges = { deployment: 'd-5', release: wanted.release }
    return aRecord(id, { ...changes, spec: { partial: true, converges, ...changes.spec } }, supersededBy)
  }
  const after = (record: Deployment, supersedes: string) => ({ ...record, supersedes })
  const read = async (records: Deployment[]) => {
    const current = records.at(-1)
    const hostHistory = { readWanted: async () => ({ wanted, current: current && refOf(current) }) }
    const deployments = { read: async (id: string) => records.find((record) => record.id === id) }
    return readExpected(place, { hostHistory, deployments }).then(
      ({ expected }) => expected.version,
      ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
    )
  }

  it.each<[what: string, records: Deployment[]]>([
    ['the last deployment', [aRecord('d-5')]],
    ['one before a deployment that was rolled back', later({ state: { status: 'rolled-back', endedAt: at } })],
    ['one before a deployment to some hosts', later({ spec: { version: '1.5.0', partial: true } })],
    ['one before 1,000 deployments to some hosts', afterwards(1000)],
    ['one that was converged to, though records before that are gone', [aRecord('d-5', {}, 'd-6'), converged('d-60')]],
    [
      'one that was converged to before the last deployment to some hosts',
      [
        aRecord('d-5', {}, 'd-6'),
        converged('d-60', 'd-61'),
        after(aRecord('d-61', { spec: { partial: true } }), 'd-60'),
      ],
    ],
  ])('is believed of %s', async (_, records) => {
    expect(await read(records)).toBe('1.4.2')
  })

  it.each<[what: string, records: Deployment[], said: string]>([
    ['a later one has replaced', later({ spec: { version: '1.5.0' } }), 'd-6 has replaced what d-5 put there by 1.5.0'],
    [
      'one after a failed one has replaced',
      [
        aRecord('d-5', {}, 'd-6'),
        aRecord('d-6', { state: { status: 'failed', endedAt: at, failure } }, 'd-7'),
        aRecord('d-7', { spec: { version: '1.5.0' } }),
      ],
      'd-7 has replaced',
    ],
    ['put another version there', [aRecord('d-5', { spec: { version: '1.4.1' } })], 'd-5 deployed 1.4.1'],
    ['was elsewhere', [aRecord('d-5', { spec: { environment: 'test' } })], 'in test, not 1.4.2'],
    ['of another application', [aRecord('d-5', { spec: { application: 'ledger' } })], 'of ledger in'],
    ['has failed', [aRecord('d-5', { state: { status: 'failed', endedAt: at, failure } })], 'd-5 has not put 1.4.2'],
    ['was cancelled', [aRecord('d-5', { state: { status: 'cancelled', endedAt: at, failure } })], 'd-5 has not put'],
    ['was rolled back', [aRecord('d-5', { state: { status: 'rolled-back', endedAt: at } })], 'd-5 has not put 1.4.2'],
    ['goes on', [aRecord('d-5', { state: { status: 'running', since: at } })], 'd-5 has not put 1.4.2 on all hosts'],
    ['was for some hosts', [aRecord('d-5', { spec: { partial: true } })], 'd-5 has not put 1.4.2 on all hosts'],
    [
      'put another release there',
      [aRecord('d-5', { plan: { release: { id: '1.4.2-77' } } })],
      'd-5 put 1.4.2-77 there',
    ],
    ['had no plan', [aRecord('d-5', { plan: null })], 'd-5 put nothing there'],
    ['has no record', [], 'the record of d-5 is gone'],
    ['has a successor without a record', [aRecord('d-5', {}, 'd-6')], 'the record of d-6 is gone'],
    ['has 1,001 successors', afterwards(1001), 'more than 1000 deployments have come since d-5'],
    [
      'was replaced after it was converged to, by one whose record is gone',
      [aRecord('d-5', {}, 'd-6'), converged('d-60', 'd-61')],
      'the record of d-61 is gone',
    ],
    [
      'was replaced after it was converged to, by one that Redis does not name as the last',
      [aRecord('d-5', {}, 'd-60'), aRecord('d-61', { spec: { version: '1.5.0' } }), converged('d-60', 'd-61')],
      'd-61 has replaced',
    ],
    [
      'was converged to by one that was never planned',
      [aRecord('d-5', {}, 'd-6'), converged('d-60', undefined, { plan: null as never })],
      'the record of d-6 is gone',
    ],
    [
      'was converged to elsewhere',
      [aRecord('d-5', {}, 'd-6'), converged('d-60', undefined, { spec: { environment: 'test' } as never })],
      'the record of d-6 is gone',
    ],
  ])('is not believed of a deployment that %s', async (_, records, said) => {
    const answer = await read(records)

    expect(answer).toMatch(/^CONVERGE_UNSETTLED: /)
    expect(answer).toContain(said)
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
