-- KEYS: hash. ARGV: field, value.
-- Changes a field that is there. One that was deleted meanwhile must not come back.

local hash = KEYS[1]
local field, value = unpack(ARGV)

if redis.call('HEXISTS', hash, field) == 1 then redis.call('HSET', hash, field, value) end
