-- KEYS: lock. ARGV: token, lifetime in milliseconds.
-- Prolongs it if it is still the token's; returns 1 then.

local lock = KEYS[1]
local token, lifetimeMs = unpack(ARGV)

if redis.call('GET', lock) ~= token then return 0 end
return redis.call('PEXPIRE', lock, lifetimeMs)
