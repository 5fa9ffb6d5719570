import { ServerRef } from '@vesemir/contract'
import type { Clock, TrafficJournal } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { z } from 'zod'
import { defineScript } from '../redis/define-script.ts'
import { readEach, readJson, type OnInvalid } from '../redis/read-json.ts'
import type { Seals } from '../seal/seals.ts'
import { fieldOf } from './field-of.ts'

const Left = z.object({
  server: ServerRef,
  deploymentId: z.string(),
  host: z.string(),
  heldIn: z.string().optional(),
  heldAgainAt: z.iso.datetime().optional(),
})
type Left = z.infer<typeof Left>

/** The part of the journal that is about servers left out of rotation. */
export type LeftJournal = Pick<TrafficJournal, 'leave' | 'release' | 'listLeft' | 'noteHeld'>

interface LeftJournalOptions {
  key: string
  clock: Pick<Clock, 'now'>
  seals: Pick<Seals, 'record'>
  cluster: string
  onInvalid: OnInvalid
}

/** Keeps in a Redis hash the servers that are left out of rotation, and in which process of their box they were held. */
export function createLeftJournal(
  redis: RedisClient,
  { key, clock, seals, cluster, onInvalid }: LeftJournalOptions,
): LeftJournal {
  const setExisting = defineScript<null>(redis, {
    name: 'vesemirSetExisting',
    files: [new URL('./set-existing.lua', import.meta.url)],
  })

  const placeOf = (field: string) => `that ${field} of ${cluster} is left out`
  const seal = (left: Left): [field: string, sealed: string] => {
    const field = fieldOf(left.server)
    return [field, seals.record.put(placeOf(field), JSON.stringify(left))]
  }

  return {
    async leave(servers, { deploymentId, host }) {
      if (servers.length === 0) return
      const entries = servers.map((each) => seal({ server: refOf(each), deploymentId, host }))
      await redis.hset(key, ...entries.flat())
    },
    async release(servers) {
      if (servers.length > 0) await redis.hdel(key, ...servers.map(fieldOf))
    },
    async listLeft() {
      const entries = await redis.hgetall(key)
      const read = ([field, sealed]: [string, string]) =>
        readJson(Left, seals.record.open(placeOf(field), sealed).text, placeOf(field))
      return readEach(Object.entries(entries), { read, onInvalid })
    },
    async noteHeld({ server, deploymentId, host, heldAgainAt }, { process, again }) {
      const at = again ? new Date(clock.now()).toISOString() : heldAgainAt
      const left: Left = {
        server,
        deploymentId,
        host,
        heldIn: process,
        ...(at === undefined ? {} : { heldAgainAt: at }),
      }
      await setExisting([key], seal(left))
    },
  }
}

function refOf({ box, backend, server, endpoint }: ServerRef): ServerRef {
  return { box, backend, server, ...(endpoint ? { endpoint } : {}) }
}
