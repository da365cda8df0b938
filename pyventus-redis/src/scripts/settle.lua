-- Settles leases; returns a text that has 1 for each that was held, and 0 for each other. The first ARGV[2] of them are
-- entries of `events` of which nothing is left to do. A further one is `d` and a lease of which nothing is left to do; or
-- `a`, a lease, when it goes on and with what; or `l`, a lease, either of these, and letters.
local word = 2 + ARGV[2]
local function next_word()
    word = word + 1
    return ARGV[word]
end

-- Whether any event has a record: most have none.
local any_records = call('EXISTS', records) == 1
local succeeded, gone = 0, {}
local alone = call('HLEN', groups) == 1

local function bury(item, how_many)
    local of = how_many > 0 and item and message(item)
    for _ = 1, how_many do
        local id, letter = next_word(), next_word()
        if item then
            local at = string.format('%d%06d', time[1], time[2])
            call('HSET', letters, id, cmsgpack.pack({
                g = group, e = item.e, i = of and of.i or '', b = of and of.b or '', n = of and of.n, t = at, j = letter
            }))
            call('ZADD', index, 0, id)
        end
    end
end

local answers = {}
for i = 3, word do
    local id = ARGV[i]
    local was_held = call('XACK', events, group, id)
    answers[#answers + 1] = was_held
    if was_held == 1 then
        if any_records then
            change(id, -1, 0, 0)
        else
            succeeded = succeeded + 1
        end
        if alone then gone[#gone + 1] = id else through(id) end
    end
end

while word < #ARGV do
    local how, lease = next_word(), next_word()
    local item = take(lease)
    local at, progress
    local with_letters = how == 'l'
    if with_letters then how = next_word() end
    if how == 'a' then
        at, progress = next_word(), next_word()
    end
    local how_many = with_letters and tonumber(next_word()) or 0
    bury(item, how_many)
    if item then
        local by_items = 0
        if how == 'd' then
            by_items = -1
            finish(item)
        else
            item.d = 0
            item.p = progress ~= '' and string.sub(progress, 2) or nil
            if tonumber(at) <= now then
                add_again(item)
            else
                call('ZADD', later, at, lease)
                call('HSET', items, lease, cmsgpack.pack(item))
                if tonumber(call('ZRANGE', later, 0, 0, 'WITHSCORES')[2]) == tonumber(at) then nudge() end
            end
        end
        if by_items ~= 0 or how_many > 0 then
            change(item.e, by_items, how_many, 0)
        end
    end
    answers[#answers + 1] = item and 1 or 0
end

for i = 1, #gone, 1000 do
    call('XDEL', events, unpack(gone, i, math.min(i + 999, #gone)))
end
if succeeded > 0 then call('HINCRBY', counts, 'succeeded', succeeded) end
return table.concat(answers)
