import { ServerRef } from '@vesemir/contract'
import type { Clock, TrafficJournal } from '@vesemir/core'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import { defineScript } from '../redis/define-script.ts'
import { readEach, readJson, type OnInvalid } from '../redis/read-json.ts'
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

/** Keeps in a Redis hash the servers that are left out of rotation, and in which process of their box they were held. */
export function createLeftJournal(
  redis: Redis,
  { key, clock, onInvalid }: { key: string; clock: Pick<Clock, 'now'>; onInvalid: OnInvalid },
): LeftJournal {
  const setExisting = defineScript<null>(redis, {
    name: 'vesemirSetExisting',
    files: [new URL('./set-existing.lua', import.meta.url)],
  })

  return {
    async leave(servers, { deploymentId, host }) {
      if (servers.length === 0) return
      const entries = servers.map((each) => [
        fieldOf(each),
        JSON.stringify({ server: refOf(each), deploymentId, host } satisfies Left),
      ])
      await redis.hset(key, ...entries.flat())
    },
    async release(servers) {
      if (servers.length > 0) await redis.hdel(key, ...servers.map(fieldOf))
    },
    async listLeft() {
      const entries = await redis.hvals(key)
      return readEach(entries, { read: (entry) => readJson(Left, entry, 'a server that is left out'), onInvalid })
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
      await setExisting([key], [fieldOf(server), JSON.stringify(left)])
    },
  }
}

function refOf({ box, backend, server, endpoint }: ServerRef): ServerRef {
  return { box, backend, server, ...(endpoint ? { endpoint } : {}) }
}
