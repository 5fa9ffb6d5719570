import type { RedisClient } from '../../redis/redis-client.ts'
import { defineScript } from '../../redis/define-script.ts'

/** An entry of a stream, as Redis returns it. */
export type Entry = [id: string, fields: string[]]
export type Streams = [key: string, entries: Entry[]][] | null

export type Scripts = ReturnType<typeof createScripts>

/** Makes the record's scripts callable on a connection. Each says in its file what it takes. */
export function createScripts(redis: RedisClient) {
  return {
    createDeployment: defineScript<[outcome: 'created' | 'known' | 'held' | 'taken', what: string]>(redis, {
      name: 'vesemirCreateDeployment',
      files: [new URL('./lua/create-deployment.lua', import.meta.url)],
    }),
    reserveNumber: defineScript<number>(redis, {
      name: 'vesemirReserveNumber',
      files: [new URL('./lua/reserve-number.lua', import.meta.url)],
    }),
    claim: defineScript<[attempt: number, values: (string | null)[]] | null>(redis, {
      name: 'vesemirClaim',
      files: [new URL('./lua/claim.lua', import.meta.url)],
    }),
    append: defineScript<0 | 1 | 2 | 3>(redis, {
      name: 'vesemirAppend',
      files: [new URL('./lua/append.lua', import.meta.url)],
    }),
    removeDeployment: defineScript<0 | 1>(redis, {
      name: 'vesemirRemoveDeployment',
      files: [new URL('./lua/remove-deployment.lua', import.meta.url)],
    }),
    readEvents: defineScript<
      [seq: string | null, status: string | null, epoch: string, after: string, streams: Streams]
    >(redis, {
      name: 'vesemirReadEvents',
      files: [new URL('./lua/read-events.lua', import.meta.url)],
    }),
    replaceField: defineScript<0 | 1>(redis, {
      name: 'vesemirReplaceField',
      files: [new URL('./lua/replace-field.lua', import.meta.url)],
    }),
    setBits: defineScript<null>(redis, {
      name: 'vesemirSetBits',
      files: [new URL('./lua/set-bits.lua', import.meta.url)],
    }),
    amend: defineScript<number>(redis, {
      name: 'vesemirAmend',
      files: [new URL('./lua/amend.lua', import.meta.url)],
    }),
  }
}
