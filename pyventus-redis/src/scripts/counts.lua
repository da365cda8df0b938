-- Returns how many events the group was to handle, and how many of them succeeded, are dead, and were dropped.
local before = call('HGET', groups, group)
if not before then return { retained(), 0, 0, 0 } end
local ended = call('HMGET', counts, 'succeeded', 'dead', 'dropped')
return { published() - before, tonumber(ended[1] or 0), tonumber(ended[2] or 0), tonumber(ended[3] or 0) }
