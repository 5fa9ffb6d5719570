import { expect, test } from 'vitest'
import { hostReleaseStatus } from './host-release.ts'

const settled = { isChanging: false }
const drift = 'expected 1.0.0, deployed by d-1'

test('a host that runs what it should and gets its traffic has no note', () => {
  expect(hostReleaseStatus({ traffic: 'restored' }, settled)).toEqual({ tone: 'good', text: 'as expected' })
})

test('a host that runs something else says what it should run, and whether it gets traffic', () => {
  expect(hostReleaseStatus({ drift, traffic: 'drained' }, settled)).toEqual({
    tone: 'bad',
    text: 'drifted',
    note: 'expected 1.0.0, deployed by d-1; receives no traffic',
  })
})

test('a host that runs the right release without traffic says so', () => {
  expect(hostReleaseStatus({ traffic: 'drained' }, settled)).toMatchObject({ text: 'not in service' })
})

test('a host does not drift while its deployment goes on', () => {
  expect(hostReleaseStatus({ drift, traffic: 'drained' }, { isChanging: true })).toMatchObject({
    text: 'being deployed',
  })
})
