-- Creates a deployment, last in the turns of its application and environment, unless its idempotency key is known. Its number is
-- the next; its id takes the place of the first `d-?` in the keys of record and events, and in each text.
--
-- KEYS: idempotency key, last number, active, turns, record, events, then the sorted sets that list it.
-- ARGV: what the idempotency key keeps, its seconds, event, '1' when it must not wait, then the record's fields and values.
-- Returns the new id; or what the idempotency key kept before or whose turn it is, if that is in the way.

local idempotencyKey, lastNumber, active, turns, record, events = unpack(KEYS, 1, 6)
local firstList = 7
local kept, keptSeconds, event, mustNotWait = unpack(ARGV, 1, 4)
local firstField = 5

local known = redis.call('GET', idempotencyKey)
if known then return {'known', known} end
local head = mustNotWait == '1' and redis.call('LINDEX', turns, 0)
if head then return {'held', head} end

local number = redis.call('INCR', lastNumber)
local id = 'd-' .. number
local function withId(text) return (string.gsub(text, 'd%-%?', id, 1)) end

redis.call('SET', idempotencyKey, withId(kept), 'EX', keptSeconds)
for i = firstField + 1, #ARGV, 2 do ARGV[i] = withId(ARGV[i]) end
redis.call('HSET', withId(record), 'seq', 1, unpack(ARGV, firstField))
redis.call('XADD', withId(events), '1-0', 'event', withId(event))
redis.call('SADD', active, id)
redis.call('RPUSH', turns, id)
for i = firstList, #KEYS do redis.call('ZADD', KEYS[i], number, id) end
return {'created', id}
