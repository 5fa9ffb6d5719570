import type { Deployment } from '@vesemir/contract'
import { describe, expect, test } from 'vitest'
import { chooseRollback, listRollbackVersions, neededToGoBack } from './choose-rollback.ts'
import { VesemirError } from './errors.ts'

type Status = Deployment['state']['status']

/** Deployments newest first: their versions and how they stand. A queued one has no plan; all but the newest planned one are superseded. */
function deployments(...rows: [version: string, status: Status][]): Deployment[] {
  const current = rows.findIndex(([, status]) => status !== 'queued')
  return rows.map(([version, status], index) => {
    const planned = status === 'queued' ? {} : { plan: { hosts: 2 } }
    const superseded = index > current ? { supersededBy: { id: 'd-99', version: 'any' } } : {}
    return { id: `d-${rows.length - index}`, spec: { version }, state: { status }, ...planned, ...superseded }
  }) as unknown as Deployment[]
}

function chosen(rows: Deployment[], wanted?: string) {
  const { current, ...choice } = chooseRollback(rows, wanted)
  return { ...choice, current: current.id }
}

function refusal(rows: Deployment[], wanted?: string): string {
  try {
    return JSON.stringify(chosen(rows, wanted))
  } catch (error) {
    if (error instanceof VesemirError && error.code === 'ROLLBACK_UNAVAILABLE') return error.message
    throw error
  }
}

test.each<Status>(['succeeded', 'failed', 'running', 'gated', 'cancelled'])(
  'rolls back the current deployment, %s, to the version that succeeded last before it',
  (status) => {
    const rows = deployments(['1.5.0', 'queued'], ['1.4.2', status], ['1.4.1', 'failed'], ['1.4.0', 'succeeded'])

    expect(chosen(rows)).toEqual({ from: '1.4.2', to: '1.4.0', current: 'd-3', by: 'rollback' })
    expect(chosen(rows, '1.4.0')).toEqual(chosen(rows))
  },
)

test('does not take the same version, deployed twice, for an earlier one', () => {
  const rows = deployments(['1.4.2', 'succeeded'], ['1.4.2', 'succeeded'], ['1.4.1', 'succeeded'])

  expect(chosen(rows)).toMatchObject({ from: '1.4.2', to: '1.4.1' })
})

test.each([undefined, { hosts: 0 }])('takes no version for good that was deployed to no host: plan %j', (plan) => {
  const rows = deployments(['1.4.2', 'succeeded'], ['1.4.1', 'succeeded'], ['1.4.0', 'succeeded'])
  Object.assign(rows[1]!, { plan })

  expect(chosen(rows)).toMatchObject({ to: '1.4.0' })
  expect(listRollbackVersions(rows)).toEqual(['1.4.0'])
  expect(neededToGoBack(rows)).toEqual(['d-3', 'd-1'])
})

test('deploys a version again that is earlier than the one before', () => {
  const rows = deployments(['1.4.2', 'failed'], ['1.4.1', 'succeeded'], ['1.4.0', 'succeeded'])

  expect(chosen(rows, '1.4.0')).toEqual({ from: '1.4.2', to: '1.4.0', current: 'd-3', by: 'deployment' })
})

test('goes back further from a deployment that is rolled back only where the version is named', () => {
  const rows = deployments(['1.4.2', 'rolled-back'], ['1.4.1', 'succeeded'], ['1.4.0', 'succeeded'])

  expect(refusal(rows)).toBe(
    'cannot go back: d-3 is rolled back already, to 1.4.1. To go back further, name the version',
  )
  expect(chosen(rows, '1.4.0')).toEqual({ from: '1.4.1', to: '1.4.0', current: 'd-3', by: 'deployment' })
})

test.each([
  { versions: ['1.1.0', '1.1.0', '1.0.0', '0.9.0'], needed: ['d-4', 'd-2'] },
  { versions: ['1.1.0', '1.1.0'], needed: ['d-2'] },
  { versions: [], needed: [] },
])('the way back from what succeeded as $versions needs $needed', ({ versions, needed }) => {
  const succeeded = versions.map((version): [string, Status] => [version, 'succeeded'])

  expect(neededToGoBack(deployments(...succeeded))).toEqual(needed)
})

test.each<[Status, string[]]>([
  ['failed', ['1.4.1', '1.4.0']],
  ['rolled-back', ['1.4.0']],
])('lists the versions to go back to, from a deployment that is %s, and takes each', (status, versions) => {
  const rows = deployments(
    ['1.4.2', status],
    ['1.4.1', 'succeeded'],
    ['1.4.3', 'failed'],
    ['1.4.0', 'succeeded'],
    ['1.4.1', 'succeeded'],
    ['1.4.2', 'succeeded'],
  )

  const listed = listRollbackVersions(rows)

  expect(listed).toEqual(versions)
  expect(listed.map((version) => chosen(rows, version).to)).toEqual(versions)
})

describe('says why there is no way back', () => {
  test.each([
    ['nothing has been deployed', deployments(['1.0.0', 'queued']), undefined],
    ['no version before 1.0.0 has succeeded', deployments(['1.0.0', 'failed'], ['0.9.0', 'failed']), undefined],
    [
      '0.9.0 is not among the versions that have succeeded there',
      deployments(['1.1.0', 'failed'], ['1.0.0', 'succeeded'], ['0.9.0', 'failed']),
      '0.9.0',
    ],
    [
      'd-2 deployed 1.1.0, the version to go back to',
      deployments(['1.1.0', 'failed'], ['1.0.0', 'succeeded']),
      '1.1.0',
    ],
  ])('%s', (why, rows, wanted) => {
    expect(refusal(rows, wanted)).toBe(`cannot go back: ${why}`)
  })
})
