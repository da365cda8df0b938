-- Makes the group, with everything that is retained.
local function join()
    local before = published() - retained()
    call('XGROUP', 'CREATE', events, group, 0, 'MKSTREAM')
    call('XGROUP', 'CREATE', again, group, 0, 'MKSTREAM')
    call('XGROUP', 'CREATE', wake, group, 0, 'MKSTREAM')
    call('HSET', groups, group, before)
    call('ZADD', ends, now + 5000, '*')
end
