-- What the entries of `again` hand out. An event that somebody else has taken away cannot be: it counts as dropped.
local function hand_out(entries)
    local handed_out = {}
    for _, entry in ipairs(entries) do
        local item = fields(entry)
        local of = message(item)
        if of then
            handed_out[#handed_out + 1] = { entry[1], item.d, item.p or false, of.i, of.b, of.n or false }
        else
            call('XACK', again, group, entry[1])
            call('XDEL', again, entry[1])
            change(item.e, -1, 0, 1)
        end
    end
    return handed_out
end

-- Some lease of that length ends then.
local function ends_at(lease, at)
    call('ZADD', ends, 'LT', at, lease)
end
