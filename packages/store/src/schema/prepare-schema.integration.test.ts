import { randomUUID } from 'node:crypto'
import { createSystemClock } from '@vesemir/process/clock'
import { codeOf } from '@vesemir/testing/code-of'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { prepareSchema, type Migration } from './prepare-schema.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const clock = createSystemClock()

function aStore() {
  const redis = server.connect()
  const prefix = randomUUID()
  const ran: string[] = []
  const migration =
    (name: string): Migration =>
    async (redis) => {
      ran.push(name)
      await redis.incr(`${prefix}:${name}`)
    }
  const prepare = (names: string[] = []) =>
    prepareSchema(server.connect(), { clock, prefix, migrations: names.map(migration) })
  return { redis, key: `${prefix}:schema`, ran, prepare }
}

it('notes the schema of this version where there is none yet', async () => {
  const { redis, key, prepare } = aStore()

  await prepare()

  expect(await redis.hget(key, 'schema')).toBe('1')
})

it('brings an older schema forward, by each migration once and in order, however many processes start', async () => {
  const { redis, key, ran, prepare } = aStore()
  await prepare()

  await Promise.all(Array.from({ length: 5 }, () => prepare(['second', 'third'])))
  await prepare(['second', 'third', 'fourth'])

  expect(ran).toEqual(['second', 'third', 'fourth'])
  expect(await redis.hget(key, 'schema')).toBe('4')
  expect(await redis.exists(`${key}:lock`)).toBe(0)
})

it('resumes at a migration that failed', async () => {
  const { redis, key, ran, prepare } = aStore()
  const fails: Migration = async () => {
    throw new Error('it failed')
  }
  const failing = prepareSchema(redis, { clock, prefix: key.replace(':schema', ''), migrations: [fails] })
  await expect(failing).rejects.toThrow('it failed')
  expect(await redis.hget(key, 'schema')).toBe('1')

  await prepare(['second'])

  expect(ran).toEqual(['second'])
})

it('refuses what a newer version has brought further, and says of which', async () => {
  const { redis, key, prepare } = aStore()
  await redis.hset(key, { schema: 3, software: '9.1.0' })

  expect(await codeOf(prepare(['second']))).toBe('SCHEMA_TOO_NEW')
  await expect(prepare(['second'])).rejects.toThrow(
    /^Redis holds schema 3, of Vesemir 9\.1\.0; this is Vesemir .+ reads schema 2$/,
  )
})
