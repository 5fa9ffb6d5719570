-- Counts on in the epoch that the database is in. Where it shows less than the caller has seen of it, it has lost acknowledged
-- writes: a new epoch begins, with the counters raised to what the caller knows.
--
-- KEYS: epoch, the hash that says where restored deployments go on, active, then counters.
-- ARGV: the id, ordinal and pulse that the caller saw last ('', 0 and 0 at first), the id of an epoch that begins, what the names
-- of records start with, then what the caller saw last of each counter.
-- Returns the epoch's id, ordinal and pulse, 1 when this call has found a loss, then the counters.

local epoch, restored, active = unpack(KEYS, 1, 3)
local knownId, knownOrdinal, knownPulse, nextId, recordPrefix = unpack(ARGV, 1, 5)
knownOrdinal, knownPulse = tonumber(knownOrdinal), tonumber(knownPulse)
local firstCounter = 4
local firstKnown = 6

local id, ordinal, pulse = unpack(redis.call('HMGET', epoch, 'id', 'ordinal', 'pulse'))
id, ordinal, pulse = id or '', tonumber(ordinal) or 0, tonumber(pulse) or 0

-- A later epoch was begun by another process; an earlier one, or another of the same ordinal, is an older state or an empty one.
local isSame = ordinal == knownOrdinal and id == knownId and pulse >= knownPulse
local isLost = not isSame and ordinal <= knownOrdinal

if isLost or id == '' then
  id, ordinal = nextId, math.max(ordinal, knownOrdinal) + 1
  redis.call('HSET', epoch, 'id', id, 'ordinal', ordinal, 'pulse', 0)
  redis.call('DEL', restored)
  for _, deployment in ipairs(redis.call('SMEMBERS', active)) do
    redis.call('HSET', restored, deployment, redis.call('HGET', recordPrefix .. deployment, 'seq') or 0)
  end
end

local reply = {id, ordinal, redis.call('HINCRBY', epoch, 'pulse', 1), isLost and 1 or 0}
for i = firstCounter, #KEYS do
  local known = ARGV[firstKnown + i - firstCounter]
  local count = redis.call('GET', KEYS[i]) or '0'
  if tonumber(count) < tonumber(known) then
    redis.call('SET', KEYS[i], known)
    count = known
  end
  reply[#reply + 1] = count
end
return reply
