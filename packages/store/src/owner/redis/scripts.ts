import type { Redis } from 'ioredis'
import { defineScript } from '../../redis/define-script.ts'

/** A value is the owner's JSON, after the moment in Redis's time at which it runs out: 0 for one with a record. */
const parts = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function read(key, field)
  local value = redis.call('HGET', key, field)
  if not value then return nil end
  local untilMs, json = string.match(value, '^(%d+) (.*)$')
  if untilMs ~= '0' and tonumber(untilMs) < now then return nil end
  return json, cjson.decode(json).id
end`

/**
 * KEYS: the scope of each resource. ARGV: the owner's id, JSON and lifetime (0 without one), then the name of each resource.
 * Takes all and gives an empty list, or takes none and gives the JSON of those who have some.
 */
const take = `${parts}
local others = {}
for index, key in ipairs(KEYS) do
  local json, id = read(key, ARGV[3 + index])
  if json and id ~= ARGV[1] then others[#others + 1] = json end
end
if #others > 0 then return others end
local untilMs = 0
if ARGV[3] ~= '0' then untilMs = now + ARGV[3] end
for index, key in ipairs(KEYS) do
  redis.call('HSET', key, ARGV[3 + index], string.format('%.0f ', untilMs) .. ARGV[2])
end
return {}`

/** KEYS: scopes. ARGV: the owner's id, then the names. Frees what is still that owner's. */
const free = `${parts}
for index, key in ipairs(KEYS) do
  local _, id = read(key, ARGV[1 + index])
  if id == ARGV[1] then redis.call('HDEL', key, ARGV[1 + index]) end
end`

/** KEYS: scopes. ARGV: an owner's JSON, then the names. Frees what is that owner's, to the letter. */
const evict = `${parts}
for index, key in ipairs(KEYS) do
  if read(key, ARGV[1 + index]) == ARGV[1] then redis.call('HDEL', key, ARGV[1 + index]) end
end`

/** KEYS: scopes. ARGV: the names. Gives each owner's JSON, or an empty text. */
const find = `${parts}
local found = {}
for index, key in ipairs(KEYS) do found[index] = read(key, ARGV[index]) or '' end
return found`

export function createOwnerScripts(redis: Redis) {
  return {
    take: defineScript<string[]>(redis, { name: 'vesemirTakeOwned', lua: take }),
    free: defineScript<null>(redis, { name: 'vesemirFreeOwned', lua: free }),
    evict: defineScript<null>(redis, { name: 'vesemirEvictOwner', lua: evict }),
    find: defineScript<string[]>(redis, { name: 'vesemirFindOwners', lua: find }),
  }
}
