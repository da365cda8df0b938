-- What is done beside reading `events`, by whoever reads: makes the group, moves what is due, takes over leases of
-- ARGV[2] milliseconds that have ended, and hands out up to ARGV[4] items. At most ARGV[3] of each are moved. Returns
-- whether the group was made, after how many milliseconds there may be something (-1 where nothing is known to come), how
-- many items there are to be handed out next time, and the items.
local lease, most, max = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local joined = 0
if call('HEXISTS', groups, group) == 0 then
    join()
    joined = 1
end

-- After how many milliseconds there may be something.
local next_due = -1
local function due_at(at)
    local after = math.max(at - now, 0)
    if next_due < 0 or after < next_due then next_due = after end
end

-- What was held back and is due.
local function move(held_back, what, add)
    for _, name in ipairs(call('ZRANGE', held_back, '-inf', now, 'BYSCORE', 'LIMIT', 0, most)) do
        add(call('HGET', what, name))
        call('ZREM', held_back, name)
        call('HDEL', what, name)
        due_at(now)
    end
    local first = call('ZRANGE', held_back, 0, 0, 'WITHSCORES')[2]
    if first then due_at(tonumber(first)) end
end
move(held, bodies, function(body)
    local id, at = string.sub(body, 1, 16), string.sub(body, 17, 32)
    call('XADD', events, '*', 'i', id, 'b', string.sub(body, 33), 'n', at)
end)
move(later, items, function(item) add_again(cmsgpack.unpack(item)) end)

-- Takes over what leases of that length held that have ended; returns when the next of them ends.
local function take_over(name)
    local length, left, first = tonumber(name), most, nil
    for _, source in ipairs({ { 'e', events }, { 'a', again } }) do
        local from = '-'
        repeat
            local page = call('XPENDING', source[2], group, from, '+', 1000, name)
            for _, pending in ipairs(page) do
                local at = now + length - pending[3]
                if at <= now then
                    if left == 0 then return now end
                    left = left - 1
                    local item = take(source[1] .. pending[1])
                    if item then
                        item.d = item.d + 1
                        add_again(item)
                    end
                elseif not first or at < first then
                    first = at
                end
            end
            from = #page == 1000 and '(' .. page[1000][1]
        until not from
    end
    return first
end

-- Finds leases that nobody has noted the end of, because who read them died at once; and forgets those that nobody uses.
local function sweep()
    for _, stream in ipairs({ events, again, wake }) do
        for _, consumer in ipairs(call('XINFO', 'CONSUMERS', stream, group)) do
            local name, pending, idle = consumer[2], consumer[4], consumer[6]
            if stream == wake or (pending == 0 and idle > 60000) then
                call('XGROUP', 'DELCONSUMER', stream, group, name)
            elseif pending > 0 then
                call('ZADD', ends, 'NX', now, name)
            end
        end
    end
end

for _, name in ipairs(call('ZRANGE', ends, '-inf', now, 'BYSCORE')) do
    local first
    if name == '*' then
        sweep()
        first = now + 5000
    else
        first = take_over(name)
    end
    if first then call('ZADD', ends, first, name) else call('ZREM', ends, name) end
end

local handed_out, ready = {}, call('XLEN', again)
if ready > 0 and max > 0 then
    local read = call('XREADGROUP', 'GROUP', group, lease, 'COUNT', max, 'STREAMS', again, '>')
    handed_out = read and hand_out(read[1][2]) or handed_out
end
if ready > 0 then ready = math.max(call('XLEN', again) - call('XPENDING', again, group)[1], 0) end

-- Whoever reads does so before this.
if #handed_out > 0 or #call('XPENDING', events, group, '-', '+', 1, lease) > 0 then
    ends_at(lease, now + tonumber(lease))
end
local first = call('ZRANGE', ends, 0, 0, 'WITHSCORES')[2]
if first then due_at(tonumber(first)) else call('ZADD', ends, now + 5000, '*') end
return { joined, next_due, ready, handed_out }
