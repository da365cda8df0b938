-- What all scripts of a group share. An event is an entry of the stream `events`, which every group reads. What a group
-- has to take up once more is an item, an entry of its own stream `again`. What is held back is in `held` or `later` until
-- it is due, and in `bodies` or `items` what it is. An entry of either stream is handed out once, so that its name is the lease: what is handed out once more is a
-- new entry. The consumers of the groups of Redis are the leases, each named by how many milliseconds it lasts.
local events, held, wake, groups, done, letters = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local bodies, again, later, items = KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local ends, records, index, counts = KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local group = ARGV[1]
local call = redis.call

local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The fields of an entry of a stream, by name.
local function fields(entry)
    local by_name, list = {}, entry[2]
    for i = 1, #list, 2 do by_name[list[i]] = list[i + 1] end
    return by_name
end

-- How many events were ever published.
local function published()
    if call('EXISTS', events) == 0 then return call('ZCARD', held) end
    local info = call('XINFO', 'STREAM', events)
    for i = 1, #info, 2 do
        if info[i] == 'entries-added' then return info[i + 1] + call('ZCARD', held) end
    end
    error('the stream does not say how many entries it had')
end

-- How many events some group has not settled, or all while there are no groups.
local function retained()
    return call('XLEN', events) + call('ZCARD', held)
end

-- The message of an item: a replayed one brings its own, since its event may be gone.
local function message(item)
    if item.b then return item end
    local found = call('XRANGE', events, item.e, item.e)
    return found[1] and fields(found[1])
end

local function add_again(item)
    local words = { 'XADD', again, '*', 'e', item.e, 'd', item.d }
    for _, name in ipairs({ 'p', 'i', 'b', 'n' }) do
        if item[name] then
            words[#words + 1] = name
            words[#words + 1] = item[name]
        end
    end
    call(unpack(words))
end

local function nudge()
    call('XADD', wake, 'MAXLEN', 1, '*', 'w', '')
end

-- Ends a lease, unless it was lost: returns the item, which is now nowhere else.
local function take(lease)
    local id = string.sub(lease, 2)
    if string.sub(lease, 1, 1) == 'e' then
        return call('XACK', events, group, id) == 1 and { e = id, d = 0 }
    end
    if call('XACK', again, group, id) == 0 then return false end
    local entry = call('XRANGE', again, id, id)[1]
    call('XDEL', again, id)
    return entry and fields(entry)
end

local function count(left, unread, dropped, by)
    if left > 0 then return end
    local place = unread > 0 and 'dead' or dropped > 0 and 'dropped' or 'succeeded'
    call('HINCRBY', counts, place, by)
end

-- Changes what an event has left in the group, and counts it where it belongs then. One without a record has one item.
local function change(event, by_items, by_unread, by_dropped)
    local record = call('HGET', records, event)
    local i, u, d = 1, 0, 0
    if record then
        i, u, d = string.match(record, '^(%d+) (%d+) (%d+)$')
        i, u, d = tonumber(i), tonumber(u), tonumber(d)
    end
    count(i, u, d, -1)
    i, u, d = i + by_items, u + by_unread, d + by_dropped
    count(i, u, d, 1)
    if i + u > 0 and (i ~= 1 or u + d > 0) then
        call('HSET', records, event, string.format('%d %d %d', i, u, d))
    elseif record then
        call('HDEL', records, event)
    end
end

-- The group is through with an event that it had from the stream: the last group takes it away.
local function through(event)
    local all = call('HLEN', groups)
    if all == 1 or call('HINCRBY', done, event, 1) >= all then
        call('XDEL', events, event)
        if all > 1 then call('HDEL', done, event) end
    end
end

-- Nothing is left to do for an item.
local function finish(item)
    if not item.b then through(item.e) end
end
