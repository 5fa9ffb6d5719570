import { expect, test } from 'vitest'
import { HaproxySettings } from './load-balancer.ts'

const parse = (backends: unknown[]) =>
  HaproxySettings.safeParse({ kind: 'haproxy', boxes: { names: ['lb1'] }, backends })

test('names each backend once, alone or with settings', () => {
  expect(parse(['web', { name: 'canary', hosts: 'some' }]).success).toBe(true)
  for (const twice of [
    ['web', 'web'],
    ['web', { name: 'web', hosts: 'some' }],
  ])
    expect(parse(twice).error?.issues).toMatchObject([{ path: ['backends'], message: 'a backend is named twice' }])
})
