import { complaintsOf, describeIssue, fieldName } from '@vesemir/contract'
import { expect, test } from 'vitest'
import { readRedisAccess } from './open-redis.ts'
import { RedisSettings } from './settings.ts'

const sentinels = ['sentinel-1:26379', '[2001:db8::2]:26380']

test('is the address alone, or fields', () => {
  expect(RedisSettings.parse(undefined)).toEqual({ url: 'redis://127.0.0.1:6379' })
  expect(RedisSettings.parse('unix:/run/redis.sock')).toEqual({ url: 'unix:/run/redis.sock' })
  expect(RedisSettings.parse({ sentinels, masterName: 'main' })).toEqual({ sentinels, masterName: 'main' })
})

test.each([
  ['http://x', ': is not a redis:, rediss: or unix: address'],
  [{ url: 'http://hunter2' }, 'url: is not a redis:, rediss: or unix: address'],
  [{ url: 'redis://a', sentinels, masterName: 'main' }, 'sentinels: is set besides url: set one'],
  [{ url: 'redis://a', nodes: ['redis-1:6379'] }, 'nodes: is set besides url: set one'],
  [{ sentinels }, 'masterName: is missing'],
  [{ sentinels: ['sentinel-1'], masterName: 'main' }, 'sentinels.0: is not HOST:PORT'],
  [{ masterName: 'main' }, 'masterName: is set without sentinels'],
  [{ sentinelTls: {} }, 'sentinelTls: is set without sentinels'],
  [{ password: 'hunter2', passwordFile: '/x' }, 'passwordFile: is set besides password: set one'],
  [{ url: 'redis://:hunter2@a', password: 'hunter3' }, 'url: has a password, and another one is set: set one'],
  [{ password: 7 }, 'password: is not a text'],
  [{ sentinel: 'x' }, 'sentinel: unknown setting; did you mean sentinels?'],
])('%j: %s', (settings, complaint) => {
  const { error } = RedisSettings.safeParse(settings, { error: describeIssue })

  expect(complaintsOf(error!, settings).map(({ path, message }) => `${fieldName(path)}: ${message}`)).toEqual([
    complaint,
  ])
})

test('says which file with a password cannot be read', async () => {
  const redis = { sentinels, masterName: 'main', sentinelPasswordFile: '/not/there' }

  await expect(readRedisAccess({ redis })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'redis.sentinelPasswordFile: /not/there cannot be read: ENOENT',
  })
})

test.each([
  [
    { url: 'rediss://ada:a%20b@redis:1/2' },
    { address: 'rediss://redis:1/2', options: { username: 'ada', password: 'a b' } },
  ],
  [{ url: 'redis://ada@redis:1', password: 'x' }, { options: { username: 'ada', password: 'x' } }],
  [
    { url: 'unix:/run/a%20b.sock', password: 'x' },
    { address: '/run/a b.sock', options: { password: 'x' } },
  ],
  [
    { nodes: ['redis-1:6379'], password: 'x' },
    { nodes: [{ host: 'redis-1', port: 6379 }], options: { password: 'x' } },
  ],
  [
    { sentinels, masterName: 'main', sentinelPassword: 'y' },
    {
      options: {
        sentinels: [
          { host: 'sentinel-1', port: 26_379 },
          { host: '2001:db8::2', port: 26_380 },
        ],
        name: 'main',
        sentinelPassword: 'y',
      },
    },
  ],
])('%j is how connections are made', async (redis, access) => {
  expect(await readRedisAccess({ redis })).toMatchObject(access)
})
