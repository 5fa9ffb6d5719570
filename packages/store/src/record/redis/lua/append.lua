-- Appends events to a deployment, and changes its record as they say, in one step.
--
-- KEYS: record, the events' stream, active, turns, then the hash of each field that changes beside the record.
-- ARGV: the append, as JSON; then the events; field and value for each hash beside; the record's fields and values.
--
-- The append:
--   scope, attempt  whose fence must hold
--   number          the append's number within the attempt. One whose answer was lost is sent again: it counts once
--   after           the number of the last append of the attempt that is known to have been made, or 0
--   events          how many events there are
--   maxEntries      about how many entries the stream keeps; all without it
--   counts          by field of the record, how much is added to it
--   end             given when the deployment ends: its id, and how many commands are known to who ends it
--   announceOn      more channels on which this is announced
--
-- Returns 1 when this was appended, 0 when the fence is another's, 2 when a command has come that is not known to who ends the
-- deployment, 3 when a later append was made, which whoever sent it has given up.

local record, stream, active, turns = unpack(KEYS, 1, 4)
local firstHash = 5
local append = cjson.decode(ARGV[1])
local firstEvent = 2
local firstBeside = firstEvent + append.events
local firstField = firstBeside + 2 * (#KEYS - firstHash + 1)

local appendedField = 'appended:' .. append.scope
local fence, lastAppended, lastSeq = unpack(redis.call('HMGET', record, 'fence:' .. append.scope, appendedField, 'seq'))
if fence ~= tostring(append.attempt) then return 0 end
local ofAttempt = append.attempt .. '.'
local appended = ofAttempt .. append.number
if lastAppended == appended then
  -- Whoever sends it again can wait for replicas only where its connection has written.
  redis.call('HSET', record, appendedField, appended)
  return 1
end
local isOfAttempt = lastAppended and string.sub(lastAppended, 1, #ofAttempt) == ofAttempt
if isOfAttempt and tonumber(string.sub(lastAppended, #ofAttempt + 1)) > append.after then return 3 end

if append['end'] then
  local given = redis.call('HGET', record, 'commands')
  if given and #cjson.decode(given) > append['end'].commands then return 2 end
end

local seq = tonumber(lastSeq)
for i = firstEvent, firstBeside - 1 do
  seq = seq + 1
  if append.maxEntries then
    redis.call('XADD', stream, 'MAXLEN', '~', append.maxEntries, seq .. '-0', 'event', ARGV[i])
  else
    redis.call('XADD', stream, seq .. '-0', 'event', ARGV[i])
  end
end

if append['end'] then
  redis.call('SREM', active, append['end'].id)
  redis.call('LREM', turns, 0, append['end'].id)
end

for i = firstHash, #KEYS do
  local at = firstBeside + 2 * (i - firstHash)
  redis.call('HSET', KEYS[i], ARGV[at], ARGV[at + 1])
end
for field, change in pairs(append.counts) do redis.call('HINCRBY', record, field, change) end

-- A plan has two for each host: more than Lua can unpack at once.
local function textsFrom(i) return unpack(ARGV, i, math.min(i + 999, #ARGV)) end
redis.call('HSET', record, 'seq', seq, appendedField, appended, textsFrom(firstField))
for i = firstField + 1000, #ARGV, 1000 do redis.call('HSET', record, textsFrom(i)) end

redis.call('PUBLISH', stream, seq)
for _, channel in ipairs(append.announceOn) do redis.call('PUBLISH', channel, seq) end
return 1
