-- Reads what was appended after an event. One command where a transaction would take four: of all that is done for those who
-- watch, this is done most often.
--
-- KEYS: record, events, log, epoch, the hash that says where restored deployments go on.
-- ARGV: number of the event, the epoch that it is of or '', how many entries of each stream at the most, the deployment's id.
-- Returns the last number, the status, the epoch, the number after which was read, and the streams' entries. A number of another
-- epoch, of which events were lost, stands for the last one that was kept.

local record, events, log, epochKey, restored = unpack(KEYS)
local after, knownEpoch, limit, id = unpack(ARGV)

local seq, status = unpack(redis.call('HMGET', record, 'seq', 'status'))
local epoch = redis.call('HGET', epochKey, 'id') or ''
if knownEpoch ~= '' and seq then
  local last = tonumber(seq)
  if knownEpoch ~= epoch then last = math.min(last, tonumber(redis.call('HGET', restored, id) or seq)) end
  if tonumber(after) > last then after = tostring(last) end
end
local entry = after .. '-0'
return {seq, status, epoch, after, redis.call('XREAD', 'COUNT', limit, 'STREAMS', events, log, entry, entry)}
