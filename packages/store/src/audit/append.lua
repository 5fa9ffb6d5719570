-- Adds entries to the audit log if the first follows the last one; else returns the number and hash that it has to follow.
-- What was added already, when it is sent again since the answer was lost, counts once.
-- KEYS: the stream. ARGV: number and hash of the entry before; then number, entry and hash of each.
local seq, hash = '0', ''
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for index = 1, #info, 2 do
    -- It stays when the last entry is deleted, which is noticed so.
    if info[index] == 'last-generated-id' then
      seq = string.match(info[index + 1], '^%d+')
    end
  end
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
  if last[1] then
    hash = last[1][2][4] or ''
  end
end
if seq ~= ARGV[1] or hash ~= ARGV[2] then
  local id = ARGV[#ARGV - 2] .. '-0'
  local own = redis.call('XRANGE', KEYS[1], id, id)
  if own[1] and own[1][2][4] == ARGV[#ARGV] then
    return false
  end
  return { seq, hash }
end
for index = 3, #ARGV, 3 do
  redis.call('XADD', KEYS[1], ARGV[index] .. '-0', 'entry', ARGV[index + 1], 'hash', ARGV[index + 2])
end
return false
