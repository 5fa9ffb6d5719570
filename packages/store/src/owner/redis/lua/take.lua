-- KEYS: the scope of each resource. ARGV: the owner's id, JSON and lifetime (0 without one), then the name of each resource.
-- Takes all and returns an empty list, or takes none and returns the JSON of those who have some.
-- luacheck: read globals readOwner nowMs

local id, json, lifetimeMs = unpack(ARGV, 1, 3)
local function nameOf(index) return ARGV[3 + index] end

local others = {}
for index, scope in ipairs(KEYS) do
  local otherJson, otherId = readOwner(scope, nameOf(index))
  if otherJson and otherId ~= id then others[#others + 1] = otherJson end
end
if #others > 0 then return others end

local untilMs = 0
if lifetimeMs ~= '0' then untilMs = nowMs + lifetimeMs end
for index, scope in ipairs(KEYS) do
  redis.call('HSET', scope, nameOf(index), string.format('%.0f ', untilMs) .. json)
end
return {}
