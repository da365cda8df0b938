-- Makes an item of letter ARGV[2], with what it says to resume with; returns whether it was there.
local packed = call('HGET', letters, ARGV[2])
if not packed then return 0 end
call('HDEL', letters, ARGV[2])
call('ZREM', index, ARGV[2])
local letter = cmsgpack.unpack(packed)
local progress = ARGV[3] ~= '' and string.sub(ARGV[3], 2) or nil
add_again({ e = letter.e, d = 0, p = progress, i = letter.i, b = letter.b, n = letter.n })
change(letter.e, 1, -1, 0)
return 1
