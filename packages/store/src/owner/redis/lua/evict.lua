-- KEYS: the scope of each resource. ARGV: an owner's JSON, then the name of each resource.
-- Frees what is that owner's, to the letter.
-- luacheck: read globals readOwner

for index, scope in ipairs(KEYS) do
  local name = ARGV[1 + index]
  if readOwner(scope, name) == ARGV[1] then redis.call('HDEL', scope, name) end
end
