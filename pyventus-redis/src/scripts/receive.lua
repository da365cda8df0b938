-- Hands out up to ARGV[2] leases of ARGV[3] milliseconds. Returns whether the group was made, after how many milliseconds
-- there may be something (-1 where nothing is known to come), the items, and the entries of `events`.
local max, lease = tonumber(ARGV[2]), ARGV[3]

local joined = 0
if call('HEXISTS', groups, group) == 0 then
    join()
    joined = 1
end

-- What was held back and is due.
local due = call('ZRANGE', held, '-inf', now, 'BYSCORE', 'LIMIT', 0, max)
for _, m in ipairs(due) do
    call('ZREM', held, m)
    call('XADD', events, '*', 'i', string.sub(m, 17, 32), 'b', string.sub(m, 49), 'n', string.sub(m, 33, 48))
end
due = call('ZRANGE', later, '-inf', now, 'BYSCORE', 'LIMIT', 0, max)
for _, packed in ipairs(due) do
    call('ZREM', later, packed)
    add_again(cmsgpack.unpack(packed))
end

-- Takes over what leases of that length held that have ended; returns when the next of them ends.
local function take_over(name)
    local length, left, first = tonumber(name), max, nil
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
call('ZADD', ends, 'NX', now + 5000, '*')

local read = call('XREADGROUP', 'GROUP', group, lease, 'COUNT', max, 'STREAMS', again, '>')
local items = read and hand_out(read[1][2]) or {}
local entries = {}
if #items < max then
    read = call('XREADGROUP', 'GROUP', group, lease, 'COUNT', max - #items, 'STREAMS', events, '>')
    entries = read and read[1][2] or entries
end
if #items + #entries > 0 then
    ends_at(lease, now + tonumber(lease))
    return { joined, -1, items, entries }
end

local next = -1
for _, key in ipairs({ held, later, ends }) do
    local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[2] then
        local after = math.max(tonumber(first[2]) - now, 0)
        if next < 0 or after < next then next = after end
    end
end
return { joined, next, items, entries }
