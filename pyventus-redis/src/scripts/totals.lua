-- How many events the group was to handle, and how many of them succeeded, are dead, and were dropped; of a group that is there.
local function totals()
    local ended = call('HMGET', counts, 'succeeded', 'dead', 'dropped')
    local accepted = published() - call('HGET', groups, group)
    return { accepted, tonumber(ended[1] or 0), tonumber(ended[2] or 0), tonumber(ended[3] or 0) }
end
