import type { Deployment } from '@vesemir/contract'
import { queued, viewOf } from '@vesemir/core/testing'
import { expect, test } from 'vitest'
import { failuresFirst } from './failures-first.ts'

const failed = { status: 'failed', since: '2026-01-01T00:00:00.000Z' } as unknown as Deployment['state']

test('failures come first, but for those whose machines a newer deployment has', () => {
  const { deployment } = viewOf(queued())
  const list: Deployment[] = [
    { ...deployment, id: 'd-5' },
    { ...deployment, id: 'd-4', state: failed },
    { ...deployment, id: 'd-3', state: failed, supersededBy: { id: 'd-5', version: '2.0.0' } },
    { ...deployment, id: 'd-2', state: failed },
  ]

  expect(failuresFirst(list).map(({ id }) => id)).toEqual(['d-4', 'd-2', 'd-5', 'd-3'])
})
