import { expect, test } from 'vitest'
import { showRelease } from './release.ts'

const settled = { isChanging: false }
const drift = 'should run 1.0.0, as d-1 deployed it'

test('a host that runs what it should and gets its traffic needs no words', () => {
  expect(showRelease({ traffic: 'restored' }, settled)).toEqual({ tone: 'good', label: 'As it should be' })
})

test('a host that runs something else says what it should run, and whether it gets traffic', () => {
  expect(showRelease({ drift, traffic: 'drained' }, settled)).toEqual({
    tone: 'bad',
    label: 'Drifted',
    note: 'should run 1.0.0, as d-1 deployed it; it gets no traffic',
  })
})

test('a host that runs the right release without traffic says so', () => {
  expect(showRelease({ traffic: 'drained' }, settled)).toMatchObject({ label: 'Not in service' })
})

test('a host does not drift while its deployment goes on', () => {
  expect(showRelease({ drift, traffic: 'drained' }, { isChanging: true })).toMatchObject({ label: 'Being deployed' })
})
