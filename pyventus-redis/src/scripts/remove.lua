-- Removes the group with everything that it has left; returns what had become of its events, or nothing where it is not
-- there. Of an event that is in the stream, `done` says how many groups are through with it: this one does not count any more,
-- and where all others are through, the event goes.
if call('HEXISTS', groups, group) == 0 then return false end
local answer = totals()

-- What the group has left of the stream: all behind `last`, and these.
local left, last = {}, { 0, 0 }
local function number(id)
    local at, count = string.match(id, '^(%d+)-(%d+)$')
    return { tonumber(at), tonumber(count) }
end
for _, info in ipairs(call('XINFO', 'GROUPS', events)) do
    local by_name = fields({ '', info })
    if by_name.name == group then last = number(by_name['last-delivered-id']) end
end
local from = '-'
repeat
    local page = call('XPENDING', events, group, from, '+', 1000)
    for _, pending in ipairs(page) do left[pending[1]] = true end
    from = #page == 1000 and '(' .. page[1000][1]
until not from
from = '-'
repeat
    local page = call('XRANGE', again, from, '+', 'COUNT', 1000)
    for _, entry in ipairs(page) do
        local item = fields(entry)
        if not item.b then left[item.e] = true end
    end
    from = #page == 1000 and '(' .. page[1000][1]
until not from
for _, packed in ipairs(call('HVALS', items)) do
    local item = cmsgpack.unpack(packed)
    if not item.b then left[item.e] = true end
end
local function is_through(event)
    local id = number(event)
    return not left[event] and (id[1] < last[1] or id[1] == last[1] and id[2] <= last[2])
end

call('HDEL', groups, group)
local others = call('HLEN', groups)
if others == 0 then
    call('XTRIM', events, 'MAXLEN', 0)
    call('DEL', held, bodies, done)
else
    local all = call('HGETALL', done)
    for i = 1, #all, 2 do
        local event, by = all[i], tonumber(all[i + 1])
        local counted = is_through(event)
        if counted then by = by - 1 end
        if by >= others then call('XDEL', events, event) end
        if by >= others or by == 0 then
            call('HDEL', done, event)
        elseif counted then
            call('HSET', done, event, by)
        end
    end
end

local ids = call('ZRANGE', index, 0, -1)
for i = 1, #ids, 1000 do
    call('HDEL', letters, unpack(ids, i, math.min(i + 999, #ids)))
end
call('XGROUP', 'DESTROY', events, group)
call('XGROUP', 'DESTROY', wake, group)
call('DEL', again, later, items, ends, records, index, counts)
return answer
