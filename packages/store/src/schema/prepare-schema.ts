import { VesemirError, type Clock } from '@vesemir/core'
import { softwareVersion } from '@vesemir/process/version'
import type { RedisClient } from '../redis/redis-client.ts'

/** Brings what Redis holds from the schema before to the next. It may be run again after a crash in the middle. */
export type Migration = (redis: RedisClient) => Promise<void>

export interface SchemaOptions {
  clock: Pick<Clock, 'sleep'>
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** The first of them brings schema 1 to 2; those of this version unless given. */
  migrations?: readonly Migration[]
  signal?: AbortSignal
}

/**
 * What an older version would misread makes a schema of its own, by a migration here. A field or a kind of event that is only added does
 * not: older versions leave it out or pass it on (docs/upgrading.md).
 */
const ownMigrations: readonly Migration[] = []

/** A migration that takes longer must be one that others may run beside it. */
const lockMs = 60_000
const lookAgainMs = 200

/**
 * Makes sure that this process can read what Redis holds, and brings an older schema forward: one process does, the others wait.
 * @throws {VesemirError} `SCHEMA_TOO_NEW` when a newer version has brought it further
 */
export async function prepareSchema(
  redis: RedisClient,
  { clock, prefix = 'vesemir', migrations = ownMigrations, signal }: SchemaOptions,
): Promise<void> {
  const key = `${prefix}:schema`
  const newest = migrations.length + 1
  const isReady = async () => (await readSchema(redis, { key, newest })) === newest
  while (!(await isReady())) {
    if ((await redis.set(`${key}:lock`, softwareVersion, 'PX', lockMs, 'NX')) === null) {
      await clock.sleep(lookAgainMs, signal)
      continue
    }
    try {
      await migrate(redis, { key, newest, migrations })
    } finally {
      await redis.del(`${key}:lock`)
    }
  }
}

interface SchemaAt {
  key: string
  /** The schema of this version. */
  newest: number
}

/** Returns the schema of what Redis holds; 0 before any version has said it. */
async function readSchema(redis: RedisClient, { key, newest }: SchemaAt): Promise<number> {
  const [schema, software] = await redis.hmget(key, 'schema', 'software')
  const found = Number(schema ?? 0)
  if (found <= newest) return found
  const written = `Redis holds schema ${found}, of Vesemir ${software}`
  throw new VesemirError(
    'SCHEMA_TOO_NEW',
    `${written}; this is Vesemir ${softwareVersion}, which reads schema ${newest}`,
  )
}

async function migrate(redis: RedisClient, { migrations, ...at }: SchemaAt & { migrations: readonly Migration[] }) {
  // What is there without a schema was written before there were any, and is of the first.
  const from = Math.max(1, await readSchema(redis, at))
  for (let schema = from; schema <= at.newest; schema += 1) {
    if (schema > from) await migrations[schema - 2]!(redis)
    await redis.hset(at.key, { schema, software: softwareVersion })
  }
}
