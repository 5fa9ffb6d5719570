-- Takes the next fence of a scope, which shuts out all who hold an older one, and reads what it then protects.
--
-- KEYS: record. ARGV: scope, the field without which there is nothing to claim, the fields to read.
-- Returns the attempt and the fields, or nothing.

local record = KEYS[1]
local scope, needed = unpack(ARGV, 1, 2)
local firstField = 3

if redis.call('HEXISTS', record, needed) == 0 then return false end
local attempt = redis.call('HINCRBY', record, 'fence:' .. scope, 1)
return {attempt, redis.call('HMGET', record, unpack(ARGV, firstField))}
