-- Notes that a run of a job begins, and reads what it is a run of.
--
-- KEYS: record. ARGV: scope, run, the field of what it is of.
-- Returns whether that run had begun before, and the field; or nothing where it is not there.

local record = KEYS[1]
local scope, run, field = unpack(ARGV)

local what = redis.call('HGET', record, field)
if not what then return false end
if redis.call('HGET', record, 'run:' .. scope) == run then return {1, what} end
redis.call('HSET', record, 'run:' .. scope, run)
return {0, what}
