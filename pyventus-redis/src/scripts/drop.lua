-- Drops letter ARGV[2]; returns whether it was there.
local packed = call('HGET', letters, ARGV[2])
if not packed then return 0 end
call('HDEL', letters, ARGV[2])
call('ZREM', index, ARGV[2])
change(cmsgpack.unpack(packed).e, 0, -1, 1)
return 1
