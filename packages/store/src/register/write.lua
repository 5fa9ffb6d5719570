-- Writes a register, and runs the command that it is about, if nobody else has written the register since.
-- KEYS: the register, what the command changes.
-- ARGV: the register as it was or '', as it is to be, the command, what follows its key.
-- Returns 1 when it was written.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call(ARGV[3], KEYS[2], unpack(ARGV, 4))
return 1
