-- Returns how many events the group was to handle, and how many of them succeeded, are dead, and were dropped.
if call('HEXISTS', groups, group) == 0 then return { retained(), 0, 0, 0 } end
return totals()
