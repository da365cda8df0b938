-- Returns how many deliveries of the group can be handed out, how many are held back, and how many are leased.
if call('HEXISTS', groups, group) == 0 then return { 0, 0, 0 } end
local all = totals()
-- An event that did not end has one delivery, unless there is a record of more.
local left = all[1] - all[2] - all[3] - all[4]
for _, record in ipairs(call('HVALS', records)) do
    left = left + math.max(tonumber(string.match(record, '^%d+')) - 1, 0)
end
local leased = call('XPENDING', events, group)[1] + call('XPENDING', again, group)[1]
local delayed = call('ZCOUNT', held, '(' .. now, '+inf') + call('ZCOUNT', later, '(' .. now, '+inf')
return { math.max(left - leased - delayed, 0), delayed, leased }
