-- Appends an event without a claim, as long as all is as it was when the event was decided on. A command changes nothing but the
-- commands; whatever changes the record besides needs that no worker writes to it: then its last number counts.
--
-- KEYS: record, events, active, turns.
-- ARGV: expected commands, expected status, expected last number or '', event, command without its number or '', the channels of
-- commands and of changes, id of a deployment that resumes or '', then the record's fields and values.
-- Returns the event's number, or 0 when something has changed.

local record, events, active, turns = unpack(KEYS)
local commands, status, lastSeq, event, command, commandsChannel, changes, resumedId = unpack(ARGV, 1, 8)
local firstField = 9

if (redis.call('HGET', record, 'commands') or '') ~= commands then return 0 end
if redis.call('HGET', record, 'status') ~= status then return 0 end
if lastSeq ~= '' and redis.call('HGET', record, 'seq') ~= lastSeq then return 0 end

local seq = redis.call('HINCRBY', record, 'seq', 1)
redis.call('XADD', events, seq .. '-0', 'event', event)
if command ~= '' then
  local numbered = '{"seq":' .. seq .. ',' .. string.sub(command, 2)
  local list = commands == '' and '[' .. numbered .. ']' or string.sub(commands, 1, -2) .. ',' .. numbered .. ']'
  redis.call('HSET', record, 'commands', list)
end
if resumedId ~= '' then
  redis.call('SADD', active, resumedId)
  if not redis.call('LPOS', turns, resumedId) then redis.call('RPUSH', turns, resumedId) end
end
for i = firstField, #ARGV, 2 do redis.call('HSET', record, ARGV[i], ARGV[i + 1]) end

redis.call('PUBLISH', events, seq)
redis.call('PUBLISH', commandsChannel, seq)
redis.call('PUBLISH', changes, seq)
return seq
