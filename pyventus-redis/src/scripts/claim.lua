-- Notes leases of ARGV[2] milliseconds that were just read, and returns the items among them.

-- A group that was removed meanwhile has none.
if call('HEXISTS', groups, group) == 0 then return {} end
ends_at(ARGV[2], now + tonumber(ARGV[2]))
local entries = {}
for i = 3, #ARGV do
    entries[#entries + 1] = call('XRANGE', again, ARGV[i], ARGV[i])[1]
end
return hand_out(entries)
