import { ServerState, type ServerRef } from '@vesemir/contract'
import type { TrafficJournal } from '@vesemir/core'
import type { Redis } from 'ioredis'
import { z } from 'zod'

const Entry = z.object({ server: ServerState, deploymentId: z.string(), host: z.string(), notedAt: z.iso.datetime() })

/** Keeps the journal in one Redis hash, a field for each server, beside the record and as long as it. */
export function createJournal(redis: Redis, { prefix = 'vesemir' }: { prefix?: string } = {}): TrafficJournal {
  const key = `${prefix}:out-of-rotation`
  return {
    async note(servers, { deploymentId, host }) {
      if (servers.length === 0) return
      const notedAt = new Date().toISOString()
      const entries = servers.map((server) => [
        fieldOf(server),
        JSON.stringify({ server, deploymentId, host, notedAt } satisfies z.infer<typeof Entry>),
      ])
      await redis.hset(key, ...entries.flat())
    },
    async find(servers) {
      if (servers.length === 0) return []
      const entries = await redis.hmget(key, ...servers.map(fieldOf))
      return entries.flatMap((entry) => (entry ? [Entry.parse(JSON.parse(entry)).server] : []))
    },
    async list() {
      const entries = await redis.hvals(key)
      return entries.map((entry) => Entry.parse(JSON.parse(entry)))
    },
    async clear(servers) {
      if (servers.length > 0) await redis.hdel(key, ...servers.map(fieldOf))
    },
  }
}

function fieldOf({ box, backend, server }: ServerRef): string {
  return `${box}/${backend}/${server}`
}
