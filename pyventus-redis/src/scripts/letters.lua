-- Returns letters: up to ARGV[3] of those of the group behind ARGV[2], or behind none where that is empty.
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local found = {}
for _, id in ipairs(call('ZRANGE', index, from, '+', 'BYLEX', 'LIMIT', 0, ARGV[3])) do
    local letter = cmsgpack.unpack(call('HGET', letters, id))
    found[#found + 1] = { id, group, letter.i, letter.b, letter.n or false, letter.t, letter.j }
end
return found
