-- Comes before each of the other scripts.
-- A value is the owner's JSON, after the moment in Redis's time at which it runs out: 0 for one with a record.
-- luacheck: ignore readOwner

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

-- Returns the JSON and the id of who owns a resource, or nothing.
local function readOwner(scope, name)
  local value = redis.call('HGET', scope, name)
  if not value then return nil end
  local untilMs, json = string.match(value, '^(%d+) (.*)$')
  if untilMs ~= '0' and tonumber(untilMs) < nowMs then return nil end
  return json, cjson.decode(json).id
end
