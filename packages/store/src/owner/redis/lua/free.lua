-- KEYS: the scope of each resource. ARGV: the owner's id, then the name of each resource.
-- Frees what is still that owner's.
-- luacheck: read globals readOwner

for index, scope in ipairs(KEYS) do
  local name = ARGV[1 + index]
  local _, id = readOwner(scope, name)
  if id == ARGV[1] then redis.call('HDEL', scope, name) end
end
