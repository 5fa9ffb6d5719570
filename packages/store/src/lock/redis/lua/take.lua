-- KEYS: lock. ARGV: token, lifetime in milliseconds.
-- Returns 0 when the lock is the token's, else the milliseconds that its holder has left.

local lock = KEYS[1]
local token, lifetimeMs = unpack(ARGV)

if redis.call('SET', lock, token, 'NX', 'PX', lifetimeMs) then return 0 end
if redis.call('GET', lock) == token then return 0 end
return math.max(1, redis.call('PTTL', lock))
