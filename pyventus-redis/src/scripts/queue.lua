-- Returns how many events of the queue some group has not settled, or all while there are no groups; and the groups.
return { redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2]), redis.call('HKEYS', KEYS[3]) }
