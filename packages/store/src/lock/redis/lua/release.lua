-- KEYS: lock. ARGV: token.
-- Frees it if it is still the token's, and tells who waits.

local lock = KEYS[1]

if redis.call('GET', lock) == ARGV[1] then
  redis.call('DEL', lock)
  redis.call('PUBLISH', lock, 'free')
end
