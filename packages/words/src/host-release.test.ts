import { expect, test } from 'vitest'
import { hostReleaseStatus } from './host-release.ts'

const runs = { release: '1.0.0', version: '1.0.0', at: '2026-01-01T00:00:00.000Z' }
const settled = { isChanging: false }
const drift = 'expected 1.0.0, deployed by d-1'

test('a host that runs what it should and gets its traffic has no note', () => {
  expect(hostReleaseStatus({ runs, traffic: 'restored' }, settled)).toEqual({ tone: 'good', text: 'as expected' })
})

test('a host that runs something else says what it should run, and whether it gets traffic', () => {
  expect(hostReleaseStatus({ runs, drift, traffic: 'drained' }, settled)).toEqual({
    tone: 'bad',
    text: 'drifted',
    note: 'expected 1.0.0, deployed by d-1; receives no traffic',
  })
})

test('a host that runs the right release without traffic says so', () => {
  expect(hostReleaseStatus({ runs, traffic: 'drained' }, settled)).toMatchObject({ text: 'not in service' })
})

test('a host does not drift while its deployment goes on', () => {
  expect(hostReleaseStatus({ runs, drift, traffic: 'drained' }, { isChanging: true })).toMatchObject({
    text: 'being deployed',
  })
})

test('a host that has left the inventory, and one that nothing was deployed to, are told apart', () => {
  expect(hostReleaseStatus({ inInventory: false, runs, traffic: 'restored' }, settled)).toEqual({
    tone: 'waiting',
    text: 'not in the inventory',
  })
  expect(hostReleaseStatus({ inInventory: true, drift, traffic: 'untouched' }, settled)).toEqual({
    tone: 'waiting',
    text: 'not deployed',
    note: drift,
  })
})

test('a host that may run what a deployment began to put there is not as expected', () => {
  const mayRun = { release: '2.0.0-ab12', version: '2.0.0', deployment: 'd-2', at: '2026-01-01T00:00:00.000Z' }
  const why = 'd-2 began to deploy it, and what came of that is not known'

  expect(hostReleaseStatus({ runs, mayRun, drift, traffic: 'drained' }, settled)).toEqual({
    tone: 'bad',
    text: 'may run 2.0.0',
    note: `${why}; expected 1.0.0, deployed by d-1; receives no traffic`,
  })
  expect(hostReleaseStatus({ mayRun, traffic: 'untouched' }, settled)).toEqual({
    tone: 'waiting',
    text: 'may run 2.0.0',
    note: why,
  })
  expect(hostReleaseStatus({ runs, mayRun, traffic: 'drained' }, { isChanging: true })).toMatchObject({
    text: 'being deployed',
  })
})
