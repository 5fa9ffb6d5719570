-- Sets the bits of numbers. KEYS: the string. ARGV: the numbers.
for _, number in ipairs(ARGV) do
  redis.call('SETBIT', KEYS[1], number, 1)
end
