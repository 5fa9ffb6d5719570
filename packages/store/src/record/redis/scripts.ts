import type { Redis } from 'ioredis'
import { defineScript } from '../../redis/define-script.ts'
import type { Streams } from './read-events.ts'

/** What stands for the id of a deployment that has none yet. */
export const idToCome = 'd-?'

/**
 * Creates a deployment, last in the turns of its application and environment, unless its idempotency key is known. Its number
 * is the next; its id takes the place of the first `idToCome` in the keys of record and events, and in each text.
 * KEYS: idempotency key, last number, active, turns, record, events, then the sorted sets that list it.
 * ARGV: what the idempotency key keeps, its seconds, event, '1' when it must not wait, then the record's fields and values.
 * Gives the new id; or what the idempotency key kept before or whose turn it is, if that is in the way.
 */
const createDeployment = `
local known = redis.call('GET', KEYS[1])
if known then return {'known', known} end
local head = ARGV[4] == '1' and redis.call('LINDEX', KEYS[4], 0)
if head then return {'held', head} end
local number = redis.call('INCR', KEYS[2])
local id = 'd-' .. number
local function withId(text) return (string.gsub(text, 'd%-%?', id, 1)) end
redis.call('SET', KEYS[1], withId(ARGV[1]), 'EX', ARGV[2])
for i = 6, #ARGV, 2 do ARGV[i] = withId(ARGV[i]) end
redis.call('HSET', withId(KEYS[5]), 'seq', 1, unpack(ARGV, 5))
redis.call('XADD', withId(KEYS[6]), '1-0', 'event', withId(ARGV[3]))
redis.call('SADD', KEYS[3], id)
redis.call('RPUSH', KEYS[4], id)
for i = 7, #KEYS do redis.call('ZADD', KEYS[i], number, id) end
return {'created', id}`

/**
 * Takes the next fence of a scope, which shuts out all who hold an older one, and reads what it then protects.
 * KEYS: record. ARGV: scope, the field without which there is nothing to claim, more fields to read.
 * Gives the attempt and the fields, or nothing.
 */
const claim = `
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 then return false end
local attempt = redis.call('HINCRBY', KEYS[1], 'fence:' .. ARGV[1], 1)
return {attempt, redis.call('HMGET', KEYS[1], unpack(ARGV, 2))}`

/**
 * Appends an event and changes the record as it says, in one step.
 * KEYS: record, the event's stream, active, turns, then hashes beside the record of each of which one field changes.
 * ARGV: scope, attempt, the append's number within the attempt, event, bound of the stream's length or '', id of a
 * deployment that ends or '', the last command that is known to who ends it or '', one more channel on which this is announced
 * or '', how many events come before this one, how many counts change, the events before, field and value for each hash beside,
 * count and change for each, then the record's fields and values.
 * Gives whether the fence held, and 2 when a command has come that is not known to who ends the deployment. An append whose
 * answer was lost with a connection is sent again: it counts once.
 */
const append = `
local appended = 'appended:' .. ARGV[1]
local before = redis.call('HMGET', KEYS[1], 'fence:' .. ARGV[1], appended, 'seq')
if before[1] ~= ARGV[2] then return 0 end
local token = ARGV[2] .. '.' .. ARGV[3]
if before[2] == token then return 1 end
if ARGV[6] ~= '' then
  local given = redis.call('HGET', KEYS[1], 'commands')
  local known = tonumber(ARGV[7]) or tonumber(redis.call('HGET', KEYS[1], 'followed') or 0)
  if given then
    local commands = cjson.decode(given)
    if commands[#commands].seq > known then return 2 end
  end
end
local seq = before[3] + 1
local firstBeside = 11 + tonumber(ARGV[9])
for i = 11, firstBeside - 1 do
  redis.call('XADD', KEYS[2], seq .. '-0', 'event', ARGV[i])
  seq = seq + 1
end
if ARGV[5] == '' then
  redis.call('XADD', KEYS[2], seq .. '-0', 'event', ARGV[4])
else
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], seq .. '-0', 'event', ARGV[4])
end
if ARGV[6] ~= '' then
  redis.call('SREM', KEYS[3], ARGV[6])
  redis.call('LREM', KEYS[4], 0, ARGV[6])
  redis.call('HSET', KEYS[1], 'followed', seq)
end
local firstCount = firstBeside + 2 * (#KEYS - 4)
for i = 5, #KEYS do
  local field = firstBeside + 2 * (i - 5)
  redis.call('HSET', KEYS[i], ARGV[field], ARGV[field + 1])
end
local firstField = firstCount + 2 * tonumber(ARGV[10])
for i = firstCount, firstField - 1, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'seq', seq, appended, token, unpack(ARGV, firstField, math.min(firstField + 999, #ARGV)))
-- A plan has two for each host: more than Lua can unpack at once.
for i = firstField + 1000, #ARGV, 1000 do redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
redis.call('PUBLISH', KEYS[2], seq)
if ARGV[8] ~= '' then redis.call('PUBLISH', ARGV[8], seq) end
return 1`

/**
 * Notes that a run of a job begins, and reads what it is a run of. KEYS: record. ARGV: scope, run, the field of what it is of.
 * Gives whether that run had begun before, and the field; or nothing where it is not there.
 */
const beginRun = `
local what = redis.call('HGET', KEYS[1], ARGV[3])
if not what then return false end
if redis.call('HGET', KEYS[1], 'run:' .. ARGV[1]) == ARGV[2] then return {1, what} end
redis.call('HSET', KEYS[1], 'run:' .. ARGV[1], ARGV[2])
return {0, what}`

/**
 * Appends an event without a claim, as long as all is as it was when the event was decided on. A command changes nothing
 * but the commands; whatever changes the record besides needs that no worker writes to it: then its last number counts.
 * KEYS: record, events, active, turns. ARGV: expected commands, expected status, expected last number or '', event, command
 * without its number or '', channel of commands, id of a deployment that is to go on or '', then the record's fields and
 * values. Gives the event's number, or 0 when something has changed.
 */
const amend = `
if (redis.call('HGET', KEYS[1], 'commands') or '') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'status') ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' and redis.call('HGET', KEYS[1], 'seq') ~= ARGV[3] then return 0 end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
redis.call('XADD', KEYS[2], seq .. '-0', 'event', ARGV[4])
if ARGV[5] ~= '' then
  local given = '{"seq":' .. seq .. ',' .. string.sub(ARGV[5], 2)
  local list = ARGV[1] == '' and '[' .. given .. ']' or string.sub(ARGV[1], 1, -2) .. ',' .. given .. ']'
  redis.call('HSET', KEYS[1], 'commands', list)
end
if ARGV[7] ~= '' then
  redis.call('SADD', KEYS[3], ARGV[7])
  if not redis.call('LPOS', KEYS[4], ARGV[7]) then redis.call('RPUSH', KEYS[4], ARGV[7]) end
end
for i = 8, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PUBLISH', KEYS[2], seq)
redis.call('PUBLISH', ARGV[6], seq)
return seq`

/**
 * Removes an ended deployment that is as it was when that was decided. KEYS: record, events, log, active, removed, then the
 * sorted sets that list it. ARGV: id, expected last number, number. Gives 1 when it was removed.
 */
const removeDeployment = `
if redis.call('HGET', KEYS[1], 'seq') ~= ARGV[2] then return 0 end
if redis.call('SISMEMBER', KEYS[4], ARGV[1]) == 1 then return 0 end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
redis.call('SETBIT', KEYS[5], ARGV[3], 1)
for i = 6, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1`

/**
 * Reads what was appended after an event. KEYS: record, events, log. ARGV: id of the event's entry, how many entries of each
 * stream at the most. Gives the last number, the status, and the streams' entries. One command where a transaction would take
 * four: of all that is done for those who watch, this is done most often.
 */
const readEvents = `
local head = redis.call('HMGET', KEYS[1], 'seq', 'status')
return {head[1], head[2], redis.call('XREAD', 'COUNT', ARGV[2], 'STREAMS', KEYS[2], KEYS[3], ARGV[1], ARGV[1])}`

export type Scripts = ReturnType<typeof createScripts>

/** Makes the record's scripts callable on a connection. */
export function createScripts(redis: Redis) {
  return {
    createDeployment: defineScript<[outcome: 'created' | 'known' | 'held', what: string]>(redis, {
      name: 'vesemirCreateDeployment',
      lua: createDeployment,
    }),
    claim: defineScript<[attempt: number, values: (string | null)[]] | null>(redis, {
      name: 'vesemirClaim',
      lua: claim,
    }),
    append: defineScript<0 | 1 | 2>(redis, { name: 'vesemirAppend', lua: append }),
    removeDeployment: defineScript<0 | 1>(redis, { name: 'vesemirRemoveDeployment', lua: removeDeployment }),
    readEvents: defineScript<[seq: string | null, status: string | null, streams: Streams]>(redis, {
      name: 'vesemirReadEvents',
      lua: readEvents,
    }),
    beginRun: defineScript<[hadBegun: 0 | 1, json: string] | null>(redis, { name: 'vesemirBeginRun', lua: beginRun }),
    amend: defineScript<number>(redis, { name: 'vesemirAmend', lua: amend }),
  }
}
