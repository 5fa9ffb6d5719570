-- KEYS: locks. ARGV: token, lifetime in milliseconds.
-- Prolongs those that are still the token's, and returns their number.

local token, lifetimeMs = unpack(ARGV)

local renewed = 0
for _, lock in ipairs(KEYS) do
  if redis.call('GET', lock) == token then renewed = renewed + redis.call('PEXPIRE', lock, lifetimeMs) end
end
return renewed
