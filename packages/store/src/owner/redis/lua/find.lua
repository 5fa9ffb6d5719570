-- KEYS: the scope of each resource. ARGV: the name of each resource.
-- Returns each owner's JSON, or an empty text.
-- luacheck: read globals readOwner

local found = {}
for index, scope in ipairs(KEYS) do found[index] = readOwner(scope, ARGV[index]) or '' end
return found
