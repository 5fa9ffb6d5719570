-- Comes before each of the other scripts.
-- A value is the owner's JSON, after the moment in Redis's time at which it runs out: 0 for one with a record.
-- luacheck: ignore readOwner

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

-- Returns the JSON and the id of who owns a resource, or nothing.
-- An invalid value is returned as it is: whoever reads it refuses it.
local function readOwner(scope, name)
  local value = redis.call('HGET', scope, name)
  if not value then return nil end
  local untilMs, json = string.match(value, '^(%d+) (.*)$')
  if not untilMs then return value, nil end
  if untilMs ~= '0' and tonumber(untilMs) < nowMs then return nil end
  local isJson, owner = pcall(cjson.decode, json)
  return json, isJson and type(owner) == 'table' and owner.id or nil
end
