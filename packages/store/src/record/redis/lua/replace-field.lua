-- KEYS: hash. ARGV: field, its value as it was read or '', its next value.
-- Returns 1 when it was written: nobody has changed the field since.

local hash = KEYS[1]
local field, before, after = unpack(ARGV)

if (redis.call('HGET', hash, field) or '') ~= before then return 0 end
redis.call('HSET', hash, field, after)
return 1
