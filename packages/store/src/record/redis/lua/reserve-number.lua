-- Counts on to the next number that has a remainder.
--
-- KEYS: last number. ARGV: the remainder, by what is divided.
-- Returns the number.

local remainder, divisor = tonumber(ARGV[1]), tonumber(ARGV[2])

local last = tonumber(redis.call('GET', KEYS[1]) or 0)
return redis.call('INCRBY', KEYS[1], 1 + (remainder - last - 1) % divisor)
