-- Lets leases last ARGV[2] milliseconds from now; returns a text that has 1 for each that is held, and 0 for each other.
local lease = ARGV[2]
local found, there = {}, call('HEXISTS', groups, group) == 1
for _, source in ipairs({ { 'e', events }, { 'a', again } }) do
    local words = { 'XCLAIM', source[2], group, lease, 0 }
    for i = 3, #ARGV do
        if string.sub(ARGV[i], 1, 1) == source[1] then words[#words + 1] = string.sub(ARGV[i], 2) end
    end
    if there and #words > 5 then
        words[#words + 1] = 'JUSTID'
        for _, id in ipairs(call(unpack(words))) do found[source[1] .. id] = true end
    end
end
local answers = {}
for i = 3, #ARGV do answers[#answers + 1] = found[ARGV[i]] and 1 or 0 end
if there then ends_at(lease, now + tonumber(lease)) end
return table.concat(answers)
