import { expect, test } from 'vitest'
import type { RedisFacts } from './inspect-redis.ts'
import { judgeRedis } from './judge-redis.ts'

const sound: RedisFacts = {
  version: '7.0.15',
  policy: 'noeviction',
  isAppended: true,
  save: '',
  appendFsync: 'everysec',
  isReplica: false,
  isClusterNode: false,
  memory: { usedBytes: 7e9, limitBytes: 1e10 },
  forbidden: [],
}

test.each<[Partial<RedisFacts>, string, 'refused' | 'told']>([
  [{ policy: 'allkeys-lru' }, 'maxmemory-policy is allkeys-lru', 'refused'],
  [{ forbidden: ['eval', 'xadd'] }, 'may not run eval, xadd', 'refused'],
  [{ isClusterNode: true }, 'node of a cluster', 'refused'],
  [{ isAppended: false }, 'a restart loses all deployments', 'told'],
  [{ isAppended: false, save: '60 1' }, 'since the last save', 'told'],
  [{ appendFsync: 'no' }, 'a power loss loses minutes', 'told'],
  [{ isReplica: true }, 'is a replica', 'told'],
  [{ memory: { usedBytes: 9e9, limitBytes: 1e10 } }, '9.0 GB of 10.0 GB in use (90 %). Raise maxmemory', 'told'],
  [{ version: '6.0.16' }, 'Redis 6.0.16 is older than 6.2', 'told'],
])('%j: %s', (facts, problem, consequence) => {
  expect(judgeRedis({ ...sound, ...facts })).toEqual([
    { problem: expect.stringContaining(problem) as string, isUnsafe: consequence === 'refused' },
  ])
})

test.each<[string, RedisFacts]>([
  ['a sound Redis', sound],
  ['one of which nothing may be asked', { forbidden: [] }],
])('finds nothing wrong with %s', (_, facts) => {
  expect(judgeRedis(facts)).toEqual([])
})
