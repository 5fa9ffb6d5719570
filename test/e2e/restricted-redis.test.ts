import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

/** The rules of the user, as the documentation has them. */
const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
const [, rules = ''] = /^user vesemir on #SHA256_OF_PASSWORD (.+)$/m.exec(page) ?? []
const password = 'hunter2-of-vesemir'

let system: System
let admin: Redis
let user: Redis
beforeAll(async () => {
  system = await startSystem({
    fleet: { hosts: 2 },
    async redisUrl({ redisUrl }) {
      admin = new Redis(redisUrl)
      const sum = createHash('sha256').update(password).digest('hex')
      await admin.call('ACL', 'SETUSER', 'vesemir', 'on', `#${sum}`, ...rules.split(' '))
      await admin.call('ACL', 'LOG', 'RESET')
      return redisUrl.replace('redis://', `redis://vesemir:${password}@`)
    },
  })
  user = new Redis(system.fleet.redisUrl)
})
afterAll(async () => {
  admin?.disconnect()
  user?.disconnect()
  await system?.[Symbol.asyncDispose]()
})

test('deploys, rolls back, and answers questions as a user of Redis that may do no more than it needs', async () => {
  await system.release('1.0.0')
  await system.release('2.0.0')

  const first = await deploy(system, '1.0.0')
  const second = await deploy(system, '2.0.0')
  const rolledBack = await system.cli('rollback', second.view!.deployment.id)
  const doctor = await system.cli('doctor')
  const tokens = await system.cli('whoami')

  expect([first.exit, second.exit, rolledBack.exit, tokens.exit]).toEqual([0, 0, 8, 0])
  expect(doctor.stdout).toContain('Redis does not let this user run CONFIG GET')
  const denied = (await admin.call('ACL', 'LOG')) as unknown[][]
  expect(denied.map((entry) => entry[entry.indexOf('object') + 1]).filter((object) => object !== 'config|get')).toEqual(
    [],
  )
})

test.each<string[]>([
  ['FLUSHALL'],
  ['KEYS', '*'],
  ['CONFIG', 'GET', 'requirepass'],
  ['ACL', 'SETUSER', 'ada', 'on', 'nopass', '+@all', '~*'],
  ['MONITOR'],
  ['SHUTDOWN'],
  ['REPLICAOF', '127.0.0.1', '1'],
  ['MODULE', 'LIST'],
  ['FUNCTION', 'FLUSH'],
  ['SCRIPT', 'FLUSH'],
  ['GET', 'other:key'],
  ['EVAL', "return redis.call('GET', 'other:key')", '0'],
  ['PUBLISH', 'other', 'x'],
])('that user may not run %s %s', async (...command) => {
  const [name = '', ...values] = command

  await expect(user.call(name, ...values)).rejects.toThrow(/NOPERM|user executing the script can't/)
})
