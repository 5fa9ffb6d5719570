import { ApplicationDefinition, type ApplicationLock, type HeldGrant } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { planImport, type Transferred } from './plan-import.ts'

const anApplication = (changes: object = {}) =>
  ApplicationDefinition.parse({ name: 'payments', team: 'core', concurrency: 2, ...changes })
const aLock = (changes: Partial<ApplicationLock> = {}): ApplicationLock => ({
  application: 'payments',
  environment: 'production',
  by: 'ada',
  at: '2026-01-01T00:00:00.000Z',
  reason: 'stocktaking',
  ...changes,
})
const aGrant: HeldGrant = { who: 'group:sre', role: 'operator', teams: ['core'] }

const plan = (exported: Partial<Transferred>, here: Partial<Transferred>) => {
  const nothing = { applications: [], locks: [], grants: [] }
  return planImport({ ...nothing, ...exported }, { ...nothing, ...here }).map(({ name, outcome, differs }) => ({
    name,
    outcome,
    differs,
  }))
}

test.each([
  { here: [], outcome: 'new', differs: [] },
  { here: [anApplication()], outcome: 'same', differs: [] },
  { here: [anApplication({ name: 'ledger' })], outcome: 'new', differs: [] },
  {
    here: [anApplication({ concurrency: 3, environments: { production: { cluster: 'us' } } })],
    outcome: 'conflict',
    differs: ['concurrency', 'environments.production.cluster'],
  },
  { here: [anApplication({ environments: { staging: {} } })], outcome: 'conflict', differs: ['environments'] },
])('an application is $outcome beside $here', ({ here, outcome, differs }) => {
  expect(plan({ applications: [anApplication()] }, { applications: here })).toEqual([
    { name: 'payments', outcome, differs },
  ])
})

test.each([
  { here: [], outcome: 'new', differs: [] },
  { here: [aLock({ by: 'bob', at: '2026-02-01T00:00:00.000Z' })], outcome: 'same', differs: [] },
  { here: [aLock({ reason: 'audit' })], outcome: 'conflict', differs: ['reason'] },
  { here: [aLock({ environment: 'staging' })], outcome: 'new', differs: [] },
])('a lock is $outcome beside $here', ({ here, outcome, differs }) => {
  expect(plan({ locks: [aLock()] }, { locks: here })).toEqual([{ name: 'payments in production', outcome, differs }])
})

test('a grant that is not here is for a person to add', () => {
  const another = { ...aGrant, teams: ['fin'] }

  expect(plan({ grants: [aGrant, another] }, { grants: [aGrant] }).map(({ outcome }) => outcome)).toEqual([
    'same',
    'by hand',
  ])
})
