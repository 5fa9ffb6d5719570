import { randomUUID } from 'node:crypto'
import type { Owner } from '@vesemir/core'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOwners } from './index.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const machine = { scope: 'machines/eu', name: '10.0.0.1 22' }
const walk = { deploymentId: 'd-1', host: 'web-1', attempt: 1 }
const owner: Owner = { id: 'd-1/web-1', name: 'd-1 (payments)', walk }

describe.each(['x', '0 x', '0 {}', '0 []', '0 {"id":"d-2/web-1"}', '0 {"id":1,"name":2}', '{"id":"a","name":1}'])(
  'an owner that is %j',
  (value) => {
    it('is refused by name of what it is, and neither taken for nobody nor waited for without end', async () => {
      const redis = server.connect()
      const prefix = randomUUID()
      const owners = createOwners(redis, { prefix, deployments: { readHost: async () => undefined } })
      await redis.hset(`${prefix}:owners:${machine.scope}`, machine.name, value)

      const refusal = { code: 'RECORD_INVALID', message: expect.stringContaining('the owner of a machine') as string }
      await expect(owners.take([machine], owner)).rejects.toMatchObject(refusal)
      await expect(owners.find([machine])).rejects.toMatchObject(refusal)
      await expect(owners.listOthers([machine.scope], 'd-1')).rejects.toMatchObject(refusal)
      // What another walk owns is not concerned.
      expect(await owners.take([{ ...machine, name: '10.0.0.2 22' }], owner)).toBeUndefined()
    })
  },
)
