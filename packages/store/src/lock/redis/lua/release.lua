-- KEYS: locks. ARGV: token.
-- Frees those that are still the token's, and tells who waits.

local token = ARGV[1]

for _, lock in ipairs(KEYS) do
  if redis.call('GET', lock) == token then
    redis.call('DEL', lock)
    redis.call('PUBLISH', lock, 'free')
  end
end
