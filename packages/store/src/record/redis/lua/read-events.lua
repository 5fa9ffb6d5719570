-- Reads what was appended after an event. One command where a transaction would take four: of all that is done for those who
-- watch, this is done most often.
--
-- KEYS: record, events, log.
-- ARGV: id of the event's entry, how many entries of each stream at the most.
-- Returns the last number, the status, and the streams' entries.

local record, events, log = unpack(KEYS)
local after, limit = unpack(ARGV)

local seq, status = unpack(redis.call('HMGET', record, 'seq', 'status'))
return {seq, status, redis.call('XREAD', 'COUNT', limit, 'STREAMS', events, log, after, after)}
