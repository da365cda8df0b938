-- Returns a letter of the queue, of whichever group.
local packed = redis.call('HGET', KEYS[1], ARGV[1])
if not packed then return false end
local letter = cmsgpack.unpack(packed)
return { ARGV[1], letter.g, letter.i, letter.b, letter.n or false, letter.t, letter.j }
