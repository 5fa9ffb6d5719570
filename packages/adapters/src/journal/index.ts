import { ServerRef, ServerState } from '@vesemir/contract'
import type { Clock, TrafficJournal } from '@vesemir/core'
import type { Redis } from 'ioredis'
import { z } from 'zod'

const Entry = z.object({ server: ServerState, deploymentId: z.string(), host: z.string(), notedAt: z.iso.datetime() })

const Left = z.object({
  server: ServerRef,
  deploymentId: z.string(),
  host: z.string(),
  heldIn: z.string().optional(),
  heldAgainAt: z.iso.datetime().optional(),
})
type Left = z.infer<typeof Left>

// What a walk has taken up again meanwhile must not come back.
const setWhereThere = `if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end`

export interface JournalOptions {
  clock: Pick<Clock, 'now'>
  /** What every key starts with; `vesemir`. */
  prefix?: string
}

/**
 * Keeps the journal in two Redis hashes, a field for each server, beside the record and as long as it: one of all servers
 * that are out, one of those among them that no walk has in hand.
 */
export function createJournal(redis: Redis, { clock, prefix = 'vesemir' }: JournalOptions): TrafficJournal {
  const outKey = `${prefix}:out-of-rotation`
  const leftKey = `${prefix}:left-out`

  async function listLeft(): Promise<Left[]> {
    const entries = await redis.hvals(leftKey)
    return entries.map((entry) => Left.parse(JSON.parse(entry)))
  }

  return {
    async note(servers, { deploymentId, host }) {
      if (servers.length === 0) return
      const notedAt = new Date(clock.now()).toISOString()
      const entries = servers.map((server) => [
        fieldOf(server),
        JSON.stringify({ server, deploymentId, host, notedAt } satisfies z.infer<typeof Entry>),
      ])
      await redis
        .multi()
        .hset(outKey, ...entries.flat())
        .hdel(leftKey, ...servers.map(fieldOf))
        .exec()
    },
    async find(servers) {
      if (servers.length === 0) return []
      const entries = await redis.hmget(outKey, ...servers.map(fieldOf))
      return entries.flatMap((entry) => (entry ? [Entry.parse(JSON.parse(entry)).server] : []))
    },
    async list() {
      const [entries, left] = await Promise.all([redis.hvals(outKey), listLeft()])
      const heldAgainAt = new Map(left.map((each) => [fieldOf(each.server), each.heldAgainAt]))
      return entries.map((text) => {
        const entry = Entry.parse(JSON.parse(text))
        return { ...entry, heldAgainAt: heldAgainAt.get(fieldOf(entry.server)) }
      })
    },
    async clear(servers) {
      if (servers.length === 0) return
      const fields = servers.map(fieldOf)
      await redis
        .multi()
        .hdel(outKey, ...fields)
        .hdel(leftKey, ...fields)
        .exec()
    },
    async leave(servers, { deploymentId, host }) {
      if (servers.length === 0) return
      const entries = servers.map((each) => [
        fieldOf(each),
        JSON.stringify({ server: refOf(each), deploymentId, host } satisfies Left),
      ])
      await redis.hset(leftKey, ...entries.flat())
    },
    listLeft,
    async noteHeld({ server, deploymentId, host, heldAgainAt }, { process, again }) {
      const at = again ? new Date(clock.now()).toISOString() : heldAgainAt
      const left: Left = {
        server,
        deploymentId,
        host,
        heldIn: process,
        ...(at === undefined ? {} : { heldAgainAt: at }),
      }
      await redis.eval(setWhereThere, 1, leftKey, fieldOf(server), JSON.stringify(left))
    },
  }
}

function refOf({ box, backend, server }: ServerRef): ServerRef {
  return { box, backend, server }
}

function fieldOf({ box, backend, server }: ServerRef): string {
  return `${box}/${backend}/${server}`
}
