-- Removes an ended deployment that is as it was when that was decided.
--
-- KEYS: record, events, log, active, removed, then the sorted sets that list it.
-- ARGV: id, expected last number, number, the channel of changes.
-- Returns 1 when it was removed.

local record, events, log, active, removed = unpack(KEYS, 1, 5)
local firstList = 6
local id, lastSeq, number, changes = unpack(ARGV)

if redis.call('HGET', record, 'seq') ~= lastSeq then return 0 end
if redis.call('SISMEMBER', active, id) == 1 then return 0 end
redis.call('UNLINK', record, events, log)
redis.call('SETBIT', removed, number, 1)
for i = firstList, #KEYS do redis.call('ZREM', KEYS[i], id) end
redis.call('PUBLISH', changes, number)
return 1
