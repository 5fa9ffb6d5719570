-- Creates a deployment, last in the turns of its application and environment, unless its idempotency key is known.
--
-- KEYS: idempotency key, last number, active, turns, record, events, then the sorted sets that list it.
-- ARGV: its id, its number, '1' when the number was reserved for it, what the idempotency key keeps, its seconds, event, '1' when
-- it must not wait, the channel of changes, then the record's fields and values.
-- Returns its id; or what the idempotency key kept before, whose turn it is, or the last number, if that is in the way.

local idempotencyKey, lastNumber, active, turns, record, events = unpack(KEYS, 1, 6)
local firstList = 7
local id, number, isReserved, kept, keptSeconds, event, mustNotWait, changes = unpack(ARGV, 1, 8)
local firstField = 9

local known = redis.call('GET', idempotencyKey)
if known then return {'known', known} end
local head = mustNotWait == '1' and redis.call('LINDEX', turns, 0)
if head then return {'held', head} end

-- A process guesses the number after the last that it has seen: one further on shows that Redis has forgotten some.
local last = redis.call('GET', lastNumber) or '0'
local isFree = isReserved == '1' or tonumber(number) > tonumber(last)
if not isFree or redis.call('EXISTS', record) == 1 then return {'taken', last} end
if isReserved ~= '1' then redis.call('SET', lastNumber, number) end

redis.call('SET', idempotencyKey, kept, 'EX', keptSeconds)
redis.call('HSET', record, 'seq', 1, unpack(ARGV, firstField))
redis.call('XADD', events, '1-0', 'event', event)
redis.call('SADD', active, id)
redis.call('RPUSH', turns, id)
for i = firstList, #KEYS do redis.call('ZADD', KEYS[i], number, id) end
redis.call('PUBLISH', changes, number)
return {'created', id}
