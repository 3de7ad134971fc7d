-- Begins a new epoch of the registry, empty and not live. Fill it with apply.lua, make it live with flip.lua.
--
-- KEYS  1 meta  2 unused  3 head  4 accounts  5 reps  6 versions  7 log     (3 to 7 of the new epoch)
-- ARGV  1 epoch: a whole number under 2^53, over every epoch before: max(current epoch + 1, milliseconds since 1970)
--       2 import id: any text, random, so that two epochs never share history
-- Gives {chain}: the seed, sha1hex("namesake" .. "\n" .. epoch .. "\n" .. import id).
-- Errors, before anything is written:
--   EPOCH_TAKEN     the epoch exists or is not over the current one: take a higher number
--   WRONG_TYPE key  a key is of another type: it belongs to another program, choose another namespace
local epoch, import_id = ARGV[1], ARGV[2]

for at = 1, 2 do
  local type = redis.call('TYPE', KEYS[at]).ok
  if type ~= 'none' and type ~= 'hash' then
    return redis.error_reply('WRONG_TYPE ' .. KEYS[at])
  end
end
for at = 3, 7 do
  if redis.call('EXISTS', KEYS[at]) == 1 then
    return redis.error_reply('EPOCH_TAKEN ' .. epoch)
  end
end
local current = redis.call('HGET', KEYS[1], 'epoch')
if current and tonumber(epoch) <= tonumber(current) then
  return redis.error_reply('EPOCH_TAKEN ' .. epoch)
end

local generation = redis.call('HGET', KEYS[1], 'generation') or '0'
local now = redis.call('TIME')
local ms = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000))
local chain = redis.sha1hex('namesake\n' .. epoch .. '\n' .. import_id)
redis.call('HSET', KEYS[3], 'rev', '0', 'chain', chain, 'count', '0', 'created_at', ms, 'changed_at', ms)
redis.call('HSET', KEYS[2], epoch, generation)
return {chain}
